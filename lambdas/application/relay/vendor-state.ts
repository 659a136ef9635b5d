import type { Circuit } from '../../adapters/circuit.ts'
import { outboxPartitions } from '../../domain/outbox.ts'
import { createEntries } from './entries.ts'
import type { RelayDeps, RelayStep } from './relay-deps.ts'

/** The most that OrdersWaiting counts of one partition, and UnresolvedDeadLetters of all. */
const maxCounted = 1000

/** A step's circuit; where it cannot be read it counts as closed, as it does for the workers. */
export async function readCircuit(
  { vendor, readCircuit: read }: RelayStep,
  { telemetry }: Pick<RelayDeps, 'telemetry'>,
): Promise<Circuit> {
  try {
    return await read()
  } catch (error) {
    telemetry.warn('Circuit breaker out of reach, it counts as closed', { vendor, error: String(error) })
    return { state: 'closed', failures: 0 }
  }
}

/** Tells how long a step's vendor has been down, how many orders wait for it, and how many for a person. */
export async function tellState(
  { step, vendor }: RelayStep,
  circuit: Circuit,
  { repository, telemetry, now, shards }: RelayDeps,
): Promise<void> {
  const since = circuit.heldSince ?? (circuit.state === 'open' ? circuit.since : now())
  telemetry.metric('VendorDownSeconds', Math.max(0, (now() - since) / 1000), { vendor })
  const partitions = outboxPartitions(step, shards)
  const counts = await Promise.all(partitions.map((each) => repository.count(each, maxCounted)))
  const waiting = counts.reduce((sum, count) => sum + count, 0)
  telemetry.metric('OrdersWaiting', waiting, { step })
  const at = new Date(now()).toISOString()
  const deadLetters = createEntries(repository.deadLetters, 'deadLetteredAt', partitions, at)
  const oldestMs = now() - Date.parse((await deadLetters.oldest()) ?? at)
  const { length } = await deadLetters.take(maxCounted)
  telemetry.metric('UnresolvedDeadLetters', length, { step })
  telemetry.metric('OldestDeadLetterSeconds', oldestMs / 1000, { step })
}
