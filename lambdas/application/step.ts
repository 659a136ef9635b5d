import type { CircuitBreaker } from '../adapters/circuit-breaker.ts'
import type { EventPublisher } from '../adapters/event-publisher.ts'
import type { OrderRepository } from '../adapters/order-repository.ts'
import type { VendorClient } from '../adapters/vendor-client.ts'
import type { VendorPace } from '../adapters/vendor-pace.ts'
import type { Link } from '../domain/chain.ts'
import type { Deed, FailureKind, RetryPolicy } from '../domain/deed.ts'
import type { Order } from '../domain/order.ts'
import type { Reason } from '../domain/reasons.ts'
import type { VendorTraits } from '../domain/unknown-outcome.ts'
import type { Telemetry } from './telemetry.ts'

/** Times and limits of a step, in milliseconds where they are times. */
export interface StepPolicy extends RetryPolicy {
  claimMs: number
  maxReceiveCount: number
  /** How long the circuit opens, or an order waits after a 429, where the vendor does not say how long. */
  pauseMs: number
  /** No work starts in an invocation that has less time left than this. */
  neededMs: number
  retentionMs: number
}

/** A message of a step's queue, as far as the step needs it. */
export interface StepMessage {
  eventId: string
  orderId: string
  /** The number of the dead-lettering that this message came out of, if it was in the DLQ. */
  deadLetterNumber: number | undefined
  /** Receives of the message, this one included. */
  receives: number
}

/** What a step works with. */
export interface StepDeps {
  step: Link
  vendorName: string
  client: VendorClient
  /** Calls that the client makes at most, to create something or to undo it. */
  clientCalls: number
  traits: VendorTraits
  repository: OrderRepository
  publisher: EventPublisher
  breaker: CircuitBreaker
  pace: VendorPace
  /** Workers that call the vendor at the same time: each of them at its part of the pace. */
  concurrency: number
  policy: StepPolicy
  telemetry: Telemetry
  now: () => number
  sleep: (ms: number) => Promise<void>
  random: () => number
}

/** What is done about a message. Times are epoch ms. */
export type MessageDeed =
  | Deed
  | { kind: 'done' }
  /** The message comes back, with nothing recorded. */
  | { kind: 'later'; reason: Reason; failure: FailureKind; at: number }
  /** The message joins the dead letter that its order is already, or is of no order at all. */
  | { kind: 'to-dlq'; reason: string; failure: FailureKind }

/** What is done about a message, and the order as it is then, where that is known. */
export interface Outcome {
  deed: MessageDeed
  order?: Order | undefined
}
