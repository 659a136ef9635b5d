import { createLogisticsClient } from './adapters/logistics-client.ts'
import { linkOf } from './domain/chain.ts'
import { createStepWorker } from './runtime/step-worker.ts'
import { createStepWorkerDeps } from './runtime/step-worker-deps.ts'

/** Gets an order its tracking number from the carrier. Wired as its environment says. */
export const createHandler = () =>
  createStepWorker(createStepWorkerDeps(linkOf('logistics'), createLogisticsClient))

export const handler = createHandler()
