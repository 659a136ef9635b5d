import { createWmsClient, type Shipment } from './adapters/wms-client.ts'
import type { Step } from './application/step.ts'
import { linkOf } from './domain/chain.ts'
import { createStepWorker } from './runtime/step-worker.ts'
import { createStepWorkerDeps } from './runtime/step-worker-deps.ts'

/** Asks the warehouse to ship an order that has its tracking number. */
export const wmsStep: Step<Shipment> = {
  ...linkOf('wms'),
  facts: ({ wmsReference }) => ({ wmsReference }),
}

/** Wired as its environment says. */
export const createHandler = () => createStepWorker(createStepWorkerDeps(wmsStep, createWmsClient))

export const handler = createHandler()
