import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { Order } from '../../lambdas/domain/order.ts'
import type { Pipeline } from './deployment.ts'
import { violationsAtRest } from './invariants/at-rest.ts'
import { type Violation, Watch } from './invariants/watch.ts'
import type { FaultPoint, Injection, Plan } from './kernel/fault-points.ts'
import { Operator, type OperatorHabits } from './kernel/operator.ts'
import type { VendorName, WorldOptions } from './kernel/options.ts'
import { type PlannedOrder, Shops } from './kernel/shop.ts'
import { World } from './kernel/world.ts'
import type { Item } from './models/expressions.ts'

/** Everything that a run depends on, except the injected faults. */
export interface Scenario extends WorldOptions {
  name: string
  plannedOrders: readonly PlannedOrder[]
  operator: OperatorHabits
  /** Messages that are not our events, and the queues to put them into. */
  poison: readonly { queue: `${VendorName}-queue`; body: string; atMs: number }[]
  /**
   * For calm worlds: every order must be done within `doneByMs` of the start, may be dead-lettered only for these
   * reasons, and may stay dead-lettered only if no operator redrives it.
   */
  expects?: { doneByMs: number; mayDeadLetter: RegExp } | undefined
}

/** The result of a run. */
export interface Run {
  violations: Violation[]
  faultPoints: readonly FaultPoint[]
  injected: readonly Injection[]
  logLines: readonly string[]
  /** The number of orders by their final status. */
  ends: Record<string, number>
}

/** A run that broke an invariant, with everything that is needed to play it again. */
export interface Failure {
  scenario: Scenario
  injections: readonly Injection[]
  invariant: string
}

/** A run fails if it has not come to rest this long after it should have, or after the last waiting limit. */
const spareMs = 10 * 3_600_000

/** Plays a scenario until it comes to rest, and checks the invariants. */
export async function play(
  pipeline: Pipeline,
  scenario: Scenario,
  plan: Plan,
  { isLogged = false, recorder }: { isLogged?: boolean; recorder?: World['recorder'] } = {},
): Promise<Run> {
  const world = new World(await pipeline(scenario), scenario, plan)
  if (isLogged) world.logLines = []
  world.recorder = recorder
  const watch = new Watch(world)
  world.watcher = watch
  const shops = new Shops(world, scenario.plannedOrders)
  const operator = new Operator(world, shops, scenario.operator)
  world.onConcurrentAction = (action) => {
    if (action === 'cancellation') shops.cancelNow()
    if (action === 'correction') shops.correctNow()
    if (action === 'settlement') operator.settleNow()
    if (action === 'rerouting') operator.rerouteNow()
    if (action === 'relay run') world.timeline.after(0, () => world.runRelay())
    if (action === 'redelivery') world.bus.redeliver()
  }
  for (const { queue, body, atMs } of scenario.poison)
    world.timeline.after(atMs, () => {
      world.sqs.call('SendMessage', { QueueUrl: queue, MessageBody: body })
      world.wake()
    })
  const { expects, plannedOrders, waitingLimitMs } = scenario
  const lastAtMs = Math.max(...plannedOrders.map(({ atMs }) => atMs))
  const rests = await world.run(
    expects ? expects.doneByMs + spareMs / 5 : lastAtMs + waitingLimitMs + spareMs,
  )
  const orders = [...world.dynamoDb.items('orders').values()].map((item) => unmarshall(item as Item) as Order)
  const violations = [
    ...watch.violations,
    ...violationsAtRest({ world, scenario, shops, operator, watch, orders, rests }),
  ]
  const ends: Record<string, number> = {}
  for (const { status, deadLettered } of orders) {
    const end = deadLettered === undefined ? status : 'DEAD_LETTERED'
    ends[end] = (ends[end] ?? 0) + 1
  }
  return {
    violations,
    faultPoints: world.faultPoints,
    injected: world.injected,
    logLines: world.logLines ?? [],
    ends,
  }
}
