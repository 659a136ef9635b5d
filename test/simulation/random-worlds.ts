import { type StepName, stepNames } from '../../lambdas/domain/chain.ts'
import { forEachStep } from '../for-each-step.ts'
import { dayMs, hourMs, minuteMs, request } from './calm-world.ts'
import { Chance } from './kernel/chance.ts'
import { type Plan, randomPlan } from './kernel/fault-points.ts'
import type { OurOutage, Outage } from './kernel/options.ts'
import type { PlannedOrder } from './kernel/shop.ts'
import { unservedLine, type VendorTraits } from './models/vendor.ts'
import type { Scenario } from './run.ts'
import { times } from './times.ts'
import { vendorKinds } from './vendor-kinds.ts'

const outageKinds = [
  ...(['refuses', 'fails', 'hangs', 'works and hangs', 'asks for a pause'] as const),
  ...(['has a bad certificate', 'refuses our credential', 'has no credential'] as const),
] as const

/** Our own outages: each occurs in one world of `oneIn`, begins within `fromMs`, and lasts one of `lastsMs`. */
const ourOutageKinds: Record<
  OurOutage['what'],
  { oneIn: number; fromMs: number; lastsMs: readonly number[] }
> = {
  bus: { oneIn: 4, fromMs: 0, lastsMs: [2 * minuteMs, 2 * minuteMs, 2 * hourMs] },
  rules: { oneIn: 30, fromMs: 0, lastsMs: [4 * hourMs] },
  locks: { oneIn: 4, fromMs: 0, lastsMs: [5 * minuteMs, 5 * minuteMs, 2 * hourMs] },
  mappings: { oneIn: 12, fromMs: 3 * minuteMs, lastsMs: [10 * minuteMs, 3 * hourMs] },
  workers: { oneIn: 12, fromMs: 3 * minuteMs, lastsMs: [10 * minuteMs, 2 * hourMs] },
  orders: { oneIn: 12, fromMs: 3 * minuteMs, lastsMs: [minuteMs, 2 * hourMs] },
}

function ourOutagesOf(chance: Chance): OurOutage[] {
  return Object.entries(ourOutageKinds).flatMap(([name, { oneIn, fromMs: latestMs, lastsMs }]) => {
    const what = name as OurOutage['what']
    if (chance.between(`no ${what}`, 1, oneIn) > 1) return []
    const fromMs = chance.between(`no ${what} from`, 0, latestMs)
    return { what, fromMs, toMs: fromMs + chance.pick(`no ${what} lasts`, lastsMs) }
  })
}

/** The waiting limit: longer in worlds where an outage of our own, of an hour or more, would use it up. */
const waitingLimitOf = (ourOutages: readonly OurOutage[]): number =>
  ourOutages.some(({ what, fromMs, toMs }) => what !== 'rules' && toMs - fromMs >= hourMs)
    ? dayMs
    : times.waitingLimitMs

function outagesOf(chance: Chance): Outage[] {
  const count = chance.pick('outages', [0, 0, 1, 2, 3])
  return Array.from({ length: count }, (_, index) => {
    const fromMs = chance.between(`outage ${index} from`, 0, 10 * minuteMs)
    const lasts = chance.pick(`outage ${index} lasts`, [
      10_000,
      minuteMs,
      5 * minuteMs,
      20 * minuteMs,
      70 * minuteMs,
    ])
    return {
      vendor: chance.pick(`outage ${index} vendor`, stepNames),
      kind: chance.pick(`outage ${index} kind`, outageKinds),
      fromMs,
      toMs: fromMs + lasts,
    }
  })
}

function plannedOrder(chance: Chance, index: number, withinMs: number): PlannedOrder {
  const of = (what: string) => `wish ${index} ${what}`
  // Some shops reuse a key, for the same order or for another one; some send invalid orders.
  const key = chance.between(of('key'), 0, 9) === 0 ? 'k0' : `k${index}`
  const line1 = chance.between(of('unserved'), 0, 7) === 0 ? unservedLine : `${index} rue de l'Abbaye`
  const isSame = key === 'k0' && chance.happens(of('same'), 0.5)
  const valid = request(isSame ? 'The same' : line1, key)
  const atMs = chance.between(of('at'), 0, withinMs)
  const later = (what: string) =>
    chance.between(of(what), 0, 5) === 0
      ? atMs + chance.between(of(`${what} at`), 0, 4 * minuteMs)
      : undefined
  return {
    owner: chance.pick(of('owner'), ['shop', 'rival']),
    key,
    atMs,
    request: chance.between(of('invalid'), 0, 19) === 0 ? { ...valid, items: [] } : valid,
    cancelAtMs: later('cancel'),
    correctAtMs: later('correct'),
  }
}

const poisons = [
  '',
  'x',
  '{}',
  '{"detail-type":"ORDER_CREATED","detail":{"data":{"orderId":"ord_1"}}}',
  'null',
].map(
  (body, index) =>
    body ||
    JSON.stringify({
      'detail-type': 'ORDER_CREATED',
      detail: { metadata: { eventId: `lost-${index}` }, data: { orderId: `ord_${'0'.repeat(32)}` } },
    }),
)

/** A random world with several orders, and a plan of faults, both derived from the seed. */
export function randomScenario(seed: number): { scenario: Scenario; plan: Plan } {
  const chance = new Chance(seed)
  /** The vendors of a step: all that follow the contract, and those whose own API is for this step. */
  const kindsOf = (step: StepName): VendorTraits[] =>
    Object.values(vendorKinds).flatMap((vendors: Record<StepName, VendorTraits>) =>
      Object.entries(vendors)
        .filter(([of, { adapter }]) => adapter === undefined || of === step)
        .map(([, traits]) => traits),
    )
  const ourOutages = ourOutagesOf(chance)
  const plannedOrders = Array.from({ length: chance.pick('orders', [1, 1, 2, 3, 5, 12]) }, (_, index) =>
    plannedOrder(chance, index, chance.pick('rush', [0, 2000, 2 * minuteMs])),
  )
  const scenario: Scenario = {
    name: `random ${seed}`,
    seed,
    plannedOrders,
    outages: outagesOf(chance),
    skewMs: chance.pick('skew', [0, 0, 1000, 3000]),
    indexLagMs: chance.pick('lag', [0, 0, 500, 3000]),
    coldStartRate: chance.pick('cold starts', [0, 0.2]),
    isWild: true,
    vendors: forEachStep((step) => chance.pick(step, kindsOf(step))),
    hasCourier: chance.pick('courier', [false, false, true]),
    ourOutages,
    waitingLimitMs: waitingLimitOf(ourOutages),
    releasedAtMs:
      chance.between('release', 0, 7) === 0 ? chance.between('released at', 0, 5 * minuteMs) : undefined,
    operator: {
      redriveAfterMs: chance.pick('redrive', [undefined, 2000, 30_000, 10 * minuteMs]),
      maxRedrives: chance.pick('redrives', [1, 3]),
      reroutesAtMs: Array.from({ length: chance.pick('reroutes', [0, 1, 3]) }, (_, index) =>
        chance.between(`reroute ${index} at`, 0, 10 * minuteMs),
      ),
    },
    poison: Array.from({ length: chance.pick('poison', [0, 0, 0, 0, 1, 3]) }, (_, index) => ({
      queue: chance.pick(
        `poison ${index} queue`,
        stepNames.map((name) => `${name}-queue` as const),
      ),
      body: chance.pick(`poison ${index} body`, poisons),
      atMs: chance.between(`poison ${index} at`, 0, 2 * minuteMs),
    })),
  }
  const rate = chance.pick('rate', [0, 0.01, 0.03, 0.1, 0.25])
  const untilMs = chance.between('heals', 1, 30) * minuteMs
  return { scenario, plan: randomPlan(chance, { rate, untilMs }) }
}
