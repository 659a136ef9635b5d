import { createLogisticsClient } from '../vendors/contract/client.ts'
import { createEasyPostClient } from '../vendors/easypost/client.ts'
import { linkOf } from './domain/chain.ts'
import { createStepWorker } from './runtime/step-worker.ts'
import { createStepWorkerDeps } from './runtime/step-worker-deps.ts'

const clients = { contract: createLogisticsClient, easypost: createEasyPostClient }

/** Gets an order's tracking number from a carrier. */
export const createHandler = () => createStepWorker(createStepWorkerDeps(linkOf('logistics'), clients))

export const handler = createHandler()
