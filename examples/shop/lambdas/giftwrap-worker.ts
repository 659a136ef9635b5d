import { contractAt, createStepWorker, createStepWorkerDeps, linkOf } from 'create-order/lambdas'

/** The gift wrapper keeps create-order's vendor contract, and is told the items. */
const contract = contractAt('/wraps', 'wrap', ({ items }) => ({ items }))

export const handler = createStepWorker(createStepWorkerDeps(linkOf('giftwrap'), { contract }))
