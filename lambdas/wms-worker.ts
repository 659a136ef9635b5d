import { createWmsClient, type Shipment } from './adapters/wms-client.ts'
import type { Step } from './application/step.ts'
import { detailTypes } from './domain/events.ts'
import { createStepWorker } from './runtime/step-worker.ts'
import { createStepWorkerDeps } from './runtime/step-worker-deps.ts'

/** Asks the warehouse to ship an order that has its tracking number. */
export const wmsStep: Step<Shipment> = {
  name: 'wms',
  consumes: detailTypes.awbGenerated,
  from: 'AWB_GENERATED',
  to: 'READY_FOR_FULFILLMENT',
  facts: ({ wmsReference }) => ({ wmsReference }),
}

export const handler = createStepWorker(createStepWorkerDeps(wmsStep, createWmsClient))
