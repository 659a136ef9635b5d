import type { CircuitBreaker } from '../adapters/circuit-breaker.ts'
import type { EventPublisher } from '../adapters/event-publisher.ts'
import type { OrderRepository } from '../adapters/order-repository.ts'
import type { VendorClient } from '../adapters/vendor-client.ts'
import type { Telemetry } from '../application/telemetry.ts'
import type { Link } from '../domain/chain.ts'
import type { FailureKind, RetryPolicy } from '../domain/failure.ts'
import type { Order } from '../domain/order.ts'
import type { Reason } from '../domain/reasons.ts'
import type { VendorTraits } from './ask-vendor.ts'

/** A link of the chain, and what of its vendor's answer the order keeps. */
export interface Step<Answer> extends Link {
  facts: (answer: Answer) => Pick<Partial<Order>, 'awb' | 'trackingUrl' | 'wmsReference'>
}

/** Times and limits of a step, in milliseconds where they are times. */
export interface StepPolicy extends RetryPolicy {
  claimMs: number
  maxReceiveCount: number
  /** The unit in which the queue can wait. */
  waitUnitMs: number
  /** How long the vendor's circuit opens where our own credential or URL is at fault. */
  pauseMs: number
  /** No work starts in an invocation that has less time left than this. */
  neededMs: number
  /** How long a finished order is kept. */
  retentionMs: number
}

/** A message of a step's queue, as far as the step needs it. */
export interface StepMessage {
  eventId: string
  orderId: string
  /** The number of the dead-lettering that this message came out of, if it was in the DLQ. */
  deadLetterNumber: number | undefined
  /** How often the message was received, this time included. */
  receives: number
}

/** What a step works with. */
export interface StepDeps<Answer> {
  step: Step<Answer>
  vendorName: string
  client: VendorClient<Answer>
  traits: VendorTraits
  repository: OrderRepository
  publisher: EventPublisher
  breaker: CircuitBreaker
  policy: StepPolicy
  telemetry: Telemetry
  now: () => number
  random: () => number
}

/** What becomes of a message, and the order as it is then, where that is known. */
export type Verdict = { order?: Order | undefined } & (
  | /** Finished, or nobody's business any more. */ { kind: 'done' }
  | /** The order waits in the outbox: the message is not needed any more. */ {
      kind: 'waiting'
      reason: Reason
    }
  | { kind: 'come-back'; inMs: number; reason: Reason; failure: FailureKind }
  | { kind: 'dead-letter'; reason: Reason; failure: FailureKind; isNew: true }
  /** The message joins its order, which is dead-lettered already, for the reason that stands there. */
  | { kind: 'dead-letter'; reason: string; failure: FailureKind; isNew: false }
)
