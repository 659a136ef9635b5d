import { createStepWorker, createStepWorkerDeps, linkOf } from 'create-order/lambdas'
import { createWrapper } from '../vendors/wrapper.ts'

export const handler = createStepWorker(createStepWorkerDeps(linkOf('giftwrap'), { contract: createWrapper }))
