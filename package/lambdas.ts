/** The exports for an application's lambdas/ and vendors/: the functions' frames and an adapter's contract. */

export { visibleText } from '../lambdas/adapters/parse.ts'
export {
  type CreateClient,
  classifyReply,
  type VendorClient,
  type VendorCodes,
  type VendorJob,
} from '../lambdas/adapters/vendor-client.ts'
export type { Reply, VendorHttp } from '../lambdas/adapters/vendor-http.ts'
export { type DetailType, linkOf, type OrderStatus, type StepName } from '../lambdas/domain/chain.ts'
export { type EventDetail, eventDetails } from '../lambdas/domain/event-details.ts'
export { weightOf } from '../lambdas/domain/limits.ts'
export type { Order } from '../lambdas/domain/order.ts'
export { isVendorCode, type Reason } from '../lambdas/domain/reasons.ts'
export type { Blame, Meaning, VendorFacts } from '../lambdas/domain/vendor-answer.ts'
export { parseEnv, text } from '../lambdas/runtime/env.ts'
export { createListener, createListenerDeps, type EventHandlers } from '../lambdas/runtime/listener.ts'
export { createStepWorker } from '../lambdas/runtime/step-worker.ts'
export { createStepWorkerDeps } from '../lambdas/runtime/step-worker-deps.ts'
export { createAmazonMcfClient } from '../vendors/amazon-mcf/client.ts'
export {
  contractAt,
  createLogisticsClient,
  createVendorClient,
  createWmsClient,
} from '../vendors/contract/client.ts'
export { createEasyPostClient } from '../vendors/easypost/client.ts'
