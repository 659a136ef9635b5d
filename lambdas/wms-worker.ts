import { createWmsClient, type Shipment } from './adapters/wms-client.ts'
import { detailTypes } from './domain/events.ts'
import { liveStepWorker } from './runtime/live-step-worker.ts'
import type { Step } from './runtime/step.ts'
import { createStepWorker } from './runtime/step-worker.ts'

/** Asks the warehouse to ship an order that has its tracking number. */
export const wmsStep: Step<Shipment> = {
  name: 'wms',
  consumes: detailTypes.awbGenerated,
  from: 'AWB_GENERATED',
  to: 'READY_FOR_FULFILLMENT',
  facts: ({ wmsReference }) => ({ wmsReference }),
}

export const handler = createStepWorker(liveStepWorker(wmsStep, createWmsClient))
