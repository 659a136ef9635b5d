import { type Awb, createLogisticsClient } from './adapters/logistics-client.ts'
import type { Step } from './application/step.ts'
import { linkOf } from './domain/chain.ts'
import { createStepWorker } from './runtime/step-worker.ts'
import { createStepWorkerDeps } from './runtime/step-worker-deps.ts'

/** Gets an order its tracking number from the carrier. */
export const logisticsStep: Step<Awb> = {
  ...linkOf('logistics'),
  facts: ({ awb, trackingUrl }) => ({ awb, trackingUrl }),
}

/** Wired as its environment says. */
export const createHandler = () =>
  createStepWorker(createStepWorkerDeps(logisticsStep, createLogisticsClient))

export const handler = createHandler()
