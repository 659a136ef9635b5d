import { createAmazonMcfClient } from '../vendors/amazon-mcf/client.ts'
import { createWmsClient } from '../vendors/contract/client.ts'
import { linkOf } from './domain/chain.ts'
import { createStepWorker } from './runtime/step-worker.ts'
import { createStepWorkerDeps } from './runtime/step-worker-deps.ts'

const clients = { contract: createWmsClient, 'amazon-mcf': createAmazonMcfClient }

/** Asks the warehouse to ship an order that has its tracking number. */
export const createHandler = () => createStepWorker(createStepWorkerDeps(linkOf('wms'), clients))

export const handler = createHandler()
