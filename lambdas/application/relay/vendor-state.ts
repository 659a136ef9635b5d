import type { Circuit } from '../../adapters/circuit.ts'
import { outboxPartitions } from '../../domain/outbox.ts'
import type { RelayDeps, RelayStep } from './relay-deps.ts'

/** The most entries of one partition that OrdersWaiting and UnresolvedDeadLetters count. */
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
  const counts = await Promise.all(
    outboxPartitions(step, shards).map((partition) => repository.count(partition, maxCounted)),
  )
  const waiting = counts.reduce((sum, count) => sum + count, 0)
  telemetry.metric('OrdersWaiting', waiting, { step })
  const at = new Date(now()).toISOString()
  const deadLetters = await repository.deadLetters(step, at, maxCounted)
  const oldestAt = deadLetters[0]?.deadLetteredAt ?? at
  telemetry.metric('UnresolvedDeadLetters', deadLetters.length, { step })
  telemetry.metric('OldestDeadLetterSeconds', (now() - Date.parse(oldestAt)) / 1000, { step })
}
