import type { CircuitBreaker } from '../adapters/circuit-breaker.ts'
import type { EventPublisher } from '../adapters/event-publisher.ts'
import type { OrderRepository } from '../adapters/order-repository.ts'
import type { VendorClient } from '../adapters/vendor-client.ts'
import type { VendorPace } from '../adapters/vendor-pace.ts'
import type { Link } from '../domain/chain.ts'
import type { Decision, FailureKind, RetryPolicy } from '../domain/decision.ts'
import type { Order } from '../domain/order.ts'
import type { Reason } from '../domain/reasons.ts'
import type { VendorTraits } from '../domain/unknown-outcome.ts'
import type { Telemetry } from './telemetry.ts'

/** A step's times (in milliseconds) and limits. */
export interface StepPolicy extends RetryPolicy {
  claimMs: number
  maxReceiveCount: number
  /** How long the circuit opens, or an order waits after a 429, if the vendor does not say. */
  pauseMs: number
  /** No work starts in an invocation that has less time left than this. */
  neededMs: number
  retentionMs: number
}

/** A message of a step's queue, reduced to what the step needs. */
export interface StepMessage {
  eventId: string
  orderId: string
  /** Which of the order's dead-letterings the message comes from, if it was in the DLQ. */
  deadLetterNumber: number | undefined
  /** How often the message has been received, including this time. */
  receives: number
}

/** A step's dependencies. */
export interface StepDeps {
  step: Link
  vendorName: string
  client: VendorClient
  /** The most calls that the client makes to create something or to undo it. */
  clientCalls: number
  traits: VendorTraits
  repository: OrderRepository
  publisher: EventPublisher
  breaker: CircuitBreaker
  pace: VendorPace
  /** Workers that call the vendor at the same time, each with an equal share of the pace. */
  concurrency: number
  policy: StepPolicy
  telemetry: Telemetry
  now: () => number
  sleep: (ms: number) => Promise<void>
  random: () => number
}

/** What to do with a message. Times are epoch ms. */
export type MessageDecision =
  | Decision
  | { kind: 'done' }
  /** The message comes back; nothing is recorded. */
  | { kind: 'later'; reason: Reason; failure: FailureKind; at: number }
  /** The message goes to the DLQ: its order is dead-lettered already or does not exist. */
  | { kind: 'to-dlq'; reason: string; failure: FailureKind }

/** What to do with a message, and the resulting order, if known. */
export interface Outcome {
  decision: MessageDecision
  order?: Order | undefined
}
