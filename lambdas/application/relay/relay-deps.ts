import type { Circuit } from '../../adapters/circuit.ts'
import type { EventPublisher } from '../../adapters/event-publisher.ts'
import type { Lease } from '../../adapters/lease.ts'
import type { OutboxRepository } from '../../adapters/outbox-repository.ts'
import type { StepQueue } from '../../adapters/step-queue.ts'
import type { StepName } from '../../domain/chain.ts'
import type { Telemetry } from '../telemetry.ts'

/** A step with one of its vendors, as the relay looks after it. */
export interface RelayLane {
  step: StepName
  /** Its name is the lane's. */
  vendor: string
  /** What the vendor takes in a second, unless it has said that this is too fast. */
  ratePerSecond: number
  queue: StepQueue
  readCircuit: () => Promise<Circuit>
}

/** The shards that one run looks after: every `groups`th, from `group` on. */
export interface ShardGroup {
  group: number
  groups: number
}

/** What the relay works with. Times are in ms. */
export interface RelayDeps {
  lanes: readonly RelayLane[]
  repository: OutboxRepository
  publisher: EventPublisher
  leaseOf: (name: string) => Lease
  telemetry: Telemetry
  now: () => number
  shards: number
  /** How often a group of shards gets a run. */
  intervalMs: number
  /** What is waited after the first, second, … sending of an event; the last wait repeats. */
  backoffMs: readonly number[]
  /** How long an event may take before it is sent again. */
  graceMs: number
  /** How long an order may wait until a person is told. */
  waitingLimitMs: number
}
