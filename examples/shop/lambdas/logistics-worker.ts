import { createStepWorker, createStepWorkerDeps, linkOf } from 'create-order/lambdas'
import { createParcelPost } from '../vendors/parcel-post/client.ts'

export const handler = createStepWorker(
  createStepWorkerDeps(linkOf('logistics'), { 'parcel-post': createParcelPost }),
)
