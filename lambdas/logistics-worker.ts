import { type Awb, createLogisticsClient } from './adapters/logistics-client.ts'
import { detailTypes } from './domain/events.ts'
import { liveStepWorker } from './runtime/live-step-worker.ts'
import type { Step } from './runtime/step.ts'
import { createStepWorker } from './runtime/step-worker.ts'

/** Gets an order its tracking number from the carrier. */
export const logisticsStep: Step<Awb> = {
  name: 'logistics',
  consumes: detailTypes.orderCreated,
  from: 'CREATED',
  to: 'AWB_GENERATED',
  facts: ({ awb, trackingUrl }) => ({ awb, trackingUrl }),
}

export const handler = createStepWorker(liveStepWorker(logisticsStep, createLogisticsClient))
