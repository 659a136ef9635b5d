import type { Circuit } from '../../adapters/circuit.ts'
import type { EventPublisher } from '../../adapters/event-publisher.ts'
import type { Lease } from '../../adapters/lease.ts'
import type { OutboxRepository } from '../../adapters/outbox-repository.ts'
import type { StepQueue } from '../../adapters/step-queue.ts'
import type { StepName } from '../../domain/chain.ts'
import type { Telemetry } from '../telemetry.ts'

/** A lane as the relay sees it: a step with one of its vendors. */
export interface RelayLane {
  step: StepName
  /** The vendor's name, which is also the lane's. */
  vendor: string
  /** Calls per second that the vendor takes, before any slowdown. */
  ratePerSecond: number
  queue: StepQueue
  readCircuit: () => Promise<Circuit>
}

/** The shards of one run: every `groups`th, starting at `group`. */
export interface ShardGroup {
  group: number
  groups: number
}

/** The relay's dependencies. Times are in ms. */
export interface RelayDeps {
  lanes: readonly RelayLane[]
  repository: OutboxRepository
  publisher: EventPublisher
  leaseOf: (name: string) => Lease
  telemetry: Telemetry
  now: () => number
  shards: number
  /** The time between two runs of a group of shards. */
  intervalMs: number
  /** The waits after the first, second, … sending of an event; the last one repeats. */
  backoffMs: readonly number[]
  /** How long an event may take before it is sent again. */
  graceMs: number
  /** How long an order may wait before it is dead-lettered. */
  waitingLimitMs: number
}
