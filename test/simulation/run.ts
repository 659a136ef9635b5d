import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { Order } from '../../lambdas/domain/order.ts'
import type { Pipeline } from './deployment.ts'
import { violations } from './invariants/at-rest.ts'
import { type Broken, Watch } from './invariants/watch.ts'
import type { Place, Plan, Strike } from './kernel/fault-points.ts'
import { Operator, type OperatorHabits } from './kernel/operator.ts'
import type { WorldOptions } from './kernel/options.ts'
import { Shops, type Wish } from './kernel/shop.ts'
import { World } from './kernel/world.ts'
import type { Item } from './models/expressions.ts'

/** All that a run depends on, besides what strikes. */
export interface Scenario extends WorldOptions {
  name: string
  wishes: readonly Wish[]
  operator: OperatorHabits
  /** Messages that make no sense, and the queue that somebody put them into. */
  poison: readonly { queue: 'logistics-queue' | 'wms-queue'; body: string; atMs: number }[]
  /**
   * Where so little goes wrong that every order must be done by then, in ms from the start, may be
   * dead-lettered for these reasons only, and stay so only where nobody redrives.
   */
  expects?: { doneByMs: number; mayDeadLetter: RegExp } | undefined
}

/** What came of a run. */
export interface Run {
  broken: Broken[]
  places: readonly Place[]
  struck: readonly Strike[]
  story: readonly string[]
  /** How many orders ended how. */
  ends: Record<string, number>
}

/** A run that broke an invariant, and all that it takes to play it again. */
export interface Failure {
  scenario: Scenario
  strikes: readonly Strike[]
  invariant: string
}

/** A run that has not come to rest by then never will. */
const horizonMs = 12 * 3_600_000

/** Plays a scenario through to its rest, and holds it against the invariants. */
export async function play(
  pipeline: Pipeline,
  scenario: Scenario,
  plan: Plan,
  { tells = false, recorder }: { tells?: boolean; recorder?: World['recorder'] } = {},
): Promise<Run> {
  const world = new World(pipeline(scenario.vendors), scenario, plan)
  if (tells) world.story = []
  world.recorder = recorder
  const watch = new Watch(world)
  world.watcher = watch
  const shops = new Shops(world, scenario.wishes)
  const operator = new Operator(world, shops, scenario.operator)
  world.intrude = (intrusion) => {
    if (intrusion === 'cancellation') shops.cancelNow()
    if (intrusion === 'correction') shops.correctNow()
    if (intrusion === 'relay run') world.timeline.after(0, () => world.runRelay())
    if (intrusion === 'redelivery') world.bus.redeliver()
  }
  for (const { queue, body, atMs } of scenario.poison)
    world.timeline.after(atMs, () => {
      world.sqs.call('SendMessage', { QueueUrl: queue, MessageBody: body })
      world.wake()
    })
  const rests = await world.run(horizonMs)
  const orders = [...world.dynamoDb.items('orders').values()].map((item) => unmarshall(item as Item) as Order)
  const broken = [...watch.broken, ...violations({ world, scenario, shops, operator, watch, orders, rests })]
  const ends: Record<string, number> = {}
  for (const { status, deadLettered } of orders) {
    const end = deadLettered === undefined ? status : 'DEAD_LETTERED'
    ends[end] = (ends[end] ?? 0) + 1
  }
  return { broken, places: world.places, struck: world.struck, story: world.story ?? [], ends }
}
