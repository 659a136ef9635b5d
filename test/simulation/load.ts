import { unmarshall } from '@aws-sdk/util-dynamodb'
import { firstStep, linkOf, placed } from '../../lambdas/domain/chain.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { calm, request } from './calm-world.ts'
import type { Pipeline } from './deployment.ts'
import { chance } from './kernel/chance.ts'
import { explicitPlan } from './kernel/fault-points.ts'
import { coachsShop, couriersShop, type Span, stepOf, vendorNames } from './kernel/options.ts'
import { type PlannedOrder, Shops } from './kernel/shop.ts'
import { World } from './kernel/world.ts'
import type { Item } from './models/expressions.ts'
import { type PoisonKind, poisonLine } from './models/poison.ts'

/** Orders that arrive at random times, and a carrier with a rate limit. */
export interface Load {
  ordersPerSecond: number
  seconds: number
  /** How long the world is watched; by default as long as orders arrive. */
  watchedSeconds?: number
  /** The carrier's actual rate limit. */
  takesPerSecond?: number
  /** How long from the start the limit is a tenth of `takesPerSecond`. */
  slowForMs?: number
  retryAfterSeconds?: number
  /** How long from the start the carrier refuses every order. */
  refusesForMs?: number
  /** How long from the start the bus accepts nothing. */
  noBusForMs?: number
  /** When the carrier cannot be reached. In ms from the start. */
  down?: Span
  /** The carrier's configured calls per second. */
  configuredPerSecond?: number
  /** Orders that the carrier will never serve, among the others. */
  poison?: { kind: PoisonKind; count: number }
  /** Spreads the orders over three carriers, and says how the first two are. A slow one exceeds our time-out. */
  others?: 'down and slow' | 'well'
  /** When an operator drains the carrier's lane to another carrier. In ms from the start. */
  drainedAtMs?: readonly number[]
  /** Orders that cannot be sent, and make every batch that contains them fail. */
  unsendable?: number
}

/** The outcome of a load. */
export interface LoadResult {
  load: Load
  /** The orders that arrived, and those that have an AWB at the end. */
  offered: number
  served: number
  /** The calls that the carrier accepted, and those that it answered 429, by minute. */
  takenCalls: number
  refusedByMinute: number[]
  /** Calls to the carrier during pauses that it had asked for, after all workers knew of them. */
  callsInPauses: number
  /** Calls to the carrier, including those that did not arrive. */
  calls: number
  /** From the end of the outage to the last AWB of an order that arrived before that end, in ms. */
  drainedMs: number
  /** From arrival to AWB, in ms, for each order that is not poisoned and has an AWB. */
  delaysMs: number[]
  /** The same for the third carrier's orders, and for the same orders in a world where the others are healthy. */
  thirdsDelaysMs: number[]
  thirdsUsualDelaysMs: number[]
  /** Orders with more than one AWB. */
  madeTwice: number
  /** Orders that were rerouted to another carrier. */
  rerouted: number
  /** Good orders that are still without an AWB. */
  waiting: number
  /** The most bytes that were read of one endless response. */
  longestRead: number
  /** Good orders that were dead-lettered, and the failed attempts of each poisoned order before its dead-lettering. */
  deadLetters: number
  poisonAttempts: number[]
}

const first = { step: firstStep, status: linkOf(firstStep).to }
/** The address line of an order that cannot be sent. */
const unsendableLine = 'Poison: cannot be sent.'

function plannedOrders(
  { ordersPerSecond, seconds, poison, unsendable = 0, others }: Load,
  seed: number,
): PlannedOrder[] {
  const planned: PlannedOrder[] = []
  const owners = others === undefined ? ['shop'] : ['shop', couriersShop, coachsShop]
  const add = (line1: string, atMs: number) =>
    planned.push({
      owner: owners[planned.length % owners.length] ?? 'shop',
      key: `k${planned.length}`,
      atMs: Math.round(atMs),
      request: request(line1, `r${planned.length}`),
    })
  // Exponentially distributed gaps make the arrivals a Poisson process.
  const gapMs = () => (-1000 * Math.log(1 - chance(seed, `arrival ${planned.length}`))) / ordersPerSecond
  for (let atMs = gapMs(); atMs < seconds * 1000; atMs += gapMs()) add('1 rue', atMs)
  for (let index = 0; index < (poison?.count ?? 0); index++)
    // The last poisoned order arrives before the last good one.
    if (poison) add(poisonLine(poison.kind), chance(seed, `poison ${index}`) * seconds * 900)
  for (let index = 0; index < unsendable; index++)
    add(unsendableLine, chance(seed, `unsendable ${index}`) * seconds * 900)
  return planned
}

/** What `npx orderctl vendor drain` does: reroutes one order after the other. */
function drain(world: World): void {
  const ids = [...world.dynamoDb.items('orders')].flatMap(([orderId, item]) => {
    const { vendors, status } = unmarshall(item as Item) as Order
    return status === placed.status && vendors[first.step] === first.step ? [orderId] : []
  })
  for (const [index, orderId] of ids.entries())
    world.timeline.after(index * 10, () =>
      world.function('reroute-order').invoke({ orderId, to: 'courier' }, () => {}),
    )
}

/** Plays a load in virtual time, without faults. */
export async function playLoad(pipeline: Pipeline, load: Load, seed = 1): Promise<LoadResult> {
  const {
    takesPerSecond,
    slowForMs = 0,
    retryAfterSeconds,
    configuredPerSecond,
    refusesForMs = 0,
    noBusForMs = 0,
    down,
    others,
    drainedAtMs = [],
  } = load
  const calmWorld = calm('load', 'look-up only')
  const always = { fromMs: 0, toMs: Number.POSITIVE_INFINITY }
  const downAndSlow = [
    { vendor: first.step, kind: 'refuses' as const, ...always },
    { vendor: 'courier' as const, kind: 'hangs' as const, ...always },
  ]
  const { logistics } = calmWorld.vendors
  const scenario = {
    ...calmWorld,
    seed,
    isWild: true,
    configuredPerSecond,
    waitingLimitMs: 86_400_000,
    unsendableLine,
    ourOutages: [{ what: 'bus' as const, fromMs: 0, toMs: noBusForMs }],
    outages: [
      { vendor: first.step, kind: 'refuses every order' as const, fromMs: 0, toMs: refusesForMs },
      ...(down ? [{ vendor: first.step, kind: 'refuses' as const, ...down }] : []),
      ...(others === 'down and slow' ? downAndSlow : []),
    ],
    hasCourier: others !== undefined || drainedAtMs.length > 0,
    hasCoach: others !== undefined,
    vendors: {
      ...calmWorld.vendors,
      logistics: {
        ...logistics,
        slowForMs,
        ...(takesPerSecond !== undefined && { takesPerSecond }),
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      },
    },
  }
  const world = new World(await pipeline(scenario), scenario, explicitPlan([]))
  const startedAt = world.timeline.now
  let calls = 0
  world.watcher = {
    onWrite: () => {},
    onOutboxRead: () => {},
    onRelayed: () => {},
    onVendorCall: ({ vendor }) => {
      if (vendor === first.step) calls += 1
    },
  }
  new Shops(world, plannedOrders(load, seed))
  for (const atMs of drainedAtMs) world.timeline.after(atMs, () => drain(world))
  await world.run((load.watchedSeconds ?? load.seconds) * 1000)

  const orders = [...world.dynamoDb.items('orders').values()].map((item) => unmarshall(item as Item) as Order)
  const isPoisoned = ({ shippingAddress }: Order) => shippingAddress.line1.startsWith('Poison')
  const good = orders.filter((order) => !isPoisoned(order))
  const servedAt = (order: Order) => order.timeline.find(({ type }) => type === first.status)?.at
  const delaysOf = (of: readonly Order[]) =>
    of.flatMap((order) => {
      const at = servedAt(order)
      return at === undefined ? [] : [Date.parse(at) - Date.parse(order.createdAt)]
    })
  const delaysMs = delaysOf(good)
  const usual =
    others === 'down and slow' ? await playLoad(pipeline, { ...load, others: 'well' }, seed) : undefined
  const made = vendorNames
    .filter((name) => stepOf(name) === first.step)
    .flatMap((name) => world.vendor(name).ledger.map(({ orderId }) => orderId))
  const upAt = startedAt + (down?.toMs ?? 0)
  const { bucket } = world.vendor(first.step)
  const refusedByMinute: number[] = []
  for (const at of bucket?.refusedAt ?? []) {
    const minute = Math.floor((at - startedAt) / 60_000)
    refusedByMinute[minute] = (refusedByMinute[minute] ?? 0) + 1
  }
  return {
    load,
    offered: good.length,
    served: delaysMs.length,
    takenCalls: bucket?.taken ?? 0,
    refusedByMinute: Array.from(refusedByMinute, (count) => count ?? 0),
    callsInPauses: bucket?.inPauses ?? 0,
    calls,
    drainedMs: Math.max(
      ...good.map((order) =>
        Date.parse(order.createdAt) < upAt ? Date.parse(servedAt(order) ?? '') - upAt : 0,
      ),
    ),
    delaysMs,
    thirdsDelaysMs: delaysOf(good.filter(({ vendors }) => vendors[first.step] === 'coach')),
    thirdsUsualDelaysMs: usual?.thirdsDelaysMs ?? [],
    madeTwice: made.length - new Set(made).size,
    rerouted: good.filter(({ timeline }) => timeline.some(({ type }) => type === 'REROUTED')).length,
    waiting: good.length - delaysMs.length,
    longestRead: world.vendor(first.step).longestRead,
    deadLetters: good.filter(({ timeline }) => timeline.some(({ type }) => type === 'DEAD_LETTERED')).length,
    poisonAttempts: orders
      .filter(isPoisoned)
      .map(({ timeline }) =>
        timeline.some(({ type }) => type === 'DEAD_LETTERED')
          ? timeline.filter(({ type }) => type === 'ATTEMPT_FAILED').length
          : Number.NaN,
      ),
  }
}
