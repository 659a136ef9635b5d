import { guardedBy } from '../adapters/vendor-item.ts'
import { createAnnouncements } from './relay/announcements.ts'
import type { RelayDeps, ShardGroup } from './relay/relay-deps.ts'
import { createStepLane } from './relay/step-lane.ts'
import { asError } from './telemetry.ts'

/** No slice is begun with less time left than this, in ms: all the calls of one, each at its time-out. */
const reservedMs = 15_000
/** How much longer than its run a lease lasts, in ms: clocks of instances differ. */
const leaseMarginMs = 2000

/** The outbox relay: sends what is overdue, on the bus or to its lane's queue, and no more than its vendor takes. */
export function createRelay(deps: RelayDeps) {
  const { leaseOf, telemetry, now } = deps
  const relayLane = createStepLane(deps)
  const announce = createAnnouncements(deps)

  /** Without the lease's table the run goes on: the marks keep two runs apart. */
  const guarded = guardedBy((error) =>
    telemetry.warn('Lease out of reach, the relay runs without it', { error: asError(error) }),
  )

  /** Slices of all steps and of the announcements in turn, so that none of them waits for another. */
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
    if (failures.length > 0) throw new AggregateError(failures, 'The relay could not look after every step')
  }

  /** One run over one group of shards, unless another run is at it. `owner` names the run, and no other. */
  return async (shardGroup: ShardGroup, owner: string, remainingMs: () => number): Promise<void> => {
    const { group, groups } = shardGroup
    const lease = leaseOf(`outbox-relay#${group}/${groups}`)
    const until = now() + remainingMs() + leaseMarginMs
    if (!(await guarded(true, () => lease.take(owner, now(), until)))) {
      telemetry.info('Another run looks after these shards', { group, groups })
      return
    }
    try {
      await bringOn(shardGroup, remainingMs)
    } finally {
      await guarded(undefined, () => lease.release(owner))
    }
  }
}
