import { guardedBy } from '../adapters/vendor-item.ts'
import { createAnnouncements } from './relay/announcements.ts'
import type { RelayDeps, ShardGroup } from './relay/relay-deps.ts'
import { createStepLane } from './relay/step-lane.ts'
import { asError } from './telemetry.ts'

/** No slice starts with less time left than this, in ms: enough for each of its calls to time out. */
const reservedMs = 15_000
/** How much longer than its run a lease lasts, in ms, since the instances' clocks differ. */
const leaseMarginMs = 2000

/** The outbox relay: sends overdue events to the bus or to their lanes' queues, no faster than the vendors take them. */
export function createRelay(deps: RelayDeps) {
  const { leaseOf, telemetry, now } = deps
  const relayLane = createStepLane(deps)
  const announce = createAnnouncements(deps)

  /** Without the lease table the run continues: marks are moved conditionally, so only one run sends each event. */
  const guarded = guardedBy((error) =>
    telemetry.warn('Lease unavailable, the relay runs without it', { error: asError(error) }),
  )

  /** Processes one slice of each lane in turn, so that no lane waits for another. */
  async function bringOn(shardGroup: ShardGroup, remainingMs: () => number): Promise<void> {
    const lanes = [...deps.lanes.map((lane) => relayLane(lane, shardGroup)), announce(shardGroup)]
    const failures: unknown[] = []
    for (let lane = lanes.shift(); lane !== undefined && remainingMs() >= reservedMs; lane = lanes.shift())
      try {
        const { done } = await lane.next()
        if (!done) lanes.push(lane)
      } catch (error) {
        failures.push(error)
        telemetry.error('The relay failed', { error: asError(error) })
      }
    if (failures.length > 0) throw new AggregateError(failures, 'The relay could not process every lane')
  }

  /** Runs over one group of shards, unless another run is working on it. `owner` is unique to this run. */
  return async (shardGroup: ShardGroup, owner: string, remainingMs: () => number): Promise<void> => {
    const { group, groups } = shardGroup
    const lease = leaseOf(`outbox-relay#${group}/${groups}`)
    const until = now() + remainingMs() + leaseMarginMs
    if (!(await guarded(true, () => lease.take(owner, now(), until)))) {
      telemetry.info('Another run is working on these shards', { group, groups })
      return
    }
    try {
      await bringOn(shardGroup, remainingMs)
    } finally {
      await guarded(undefined, () => lease.release(owner))
    }
  }
}
