import { forEachStep } from '../../lib/steps.ts'
import { Chance } from './kernel/chance.ts'
import { type Plan, randomPlan } from './kernel/fault-points.ts'
import { type Outage, vendorNames } from './kernel/options.ts'
import type { PlannedOrder } from './kernel/shop.ts'
import { unservedLine, type VendorTraits } from './models/vendor.ts'
import type { Scenario } from './run.ts'

/** The kinds of vendors that docs/vendor-contract.md describes. */
export const vendorKinds = {
  'honours keys': { honoursIdempotencyKey: true, canBeLookedUp: true },
  'look-up only': { honoursIdempotencyKey: false, canBeLookedUp: true },
  'keys only': { honoursIdempotencyKey: true, canBeLookedUp: false },
  neither: { honoursIdempotencyKey: false, canBeLookedUp: false },
  asynchronous: { honoursIdempotencyKey: true, canBeLookedUp: true, asyncMs: 40_000 },
  'asynchronous, look-up only': { honoursIdempotencyKey: false, canBeLookedUp: true, asyncMs: 40_000 },
} as const satisfies Record<string, VendorTraits>
export type VendorKind = keyof typeof vendorKinds

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const request = (line1: string) => ({
  reference: '10248',
  currency: 'EUR',
  customer: { name: 'Paul Henriot' },
  shippingAddress: { name: 'Vins et alcools Chevalier', line1, city: 'Reims', country: 'FR' },
  items: [{ sku: 'NW-011', quantity: 12, unitPrice: 1400 }],
})

const oneOrder = (line1: string) => [{ owner: 'shop', key: 'k1', atMs: 1000, request: request(line1) }]

/** A world with one order and no faults but the plan's. */
const calm = (name: string, vendorKind: VendorKind, more: Partial<Scenario> = {}): Scenario => ({
  name,
  seed: 1,
  skewMs: 0,
  indexLagMs: 0,
  coldStartRate: 0,
  isWild: false,
  poison: [],
  outages: [],
  vendors: forEachStep(() => vendorKinds[vendorKind]),
  plannedOrders: oneOrder("59 rue de l'Abbaye"),
  operator: { maxRedrives: 0 },
  expects: {
    doneByMs: 30 * minuteMs,
    mayDeadLetter: vendorKind === 'neither' ? /^OUTCOME_UNKNOWN:/ : /^never$/,
  },
  ...more,
})

/** The paths of one order of which every cut and every pair of cuts is played. */
export const paths = {
  straight: (vendorKind: VendorKind) => calm('straight', vendorKind),
  /** The carrier refuses the address, the shop corrects it, an operator redrives. */
  'corrected and redriven': (vendorKind: VendorKind) =>
    calm('corrected and redriven', vendorKind, {
      plannedOrders: oneOrder(unservedLine),
      operator: { redriveAfterMs: 30_000, maxRedrives: 5 },
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(ADDRESS_NOT_SERVED|OUTCOME_UNKNOWN:)/ },
    }),
  /** The carrier refuses the address, and the shop cancels the order. */
  'refused and cancelled': (vendorKind: VendorKind) =>
    calm('refused and cancelled', vendorKind, {
      plannedOrders: oneOrder(unservedLine).map((planned) => ({ ...planned, cancelAtMs: 20_000 })),
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(ADDRESS_NOT_SERVED|OUTCOME_UNKNOWN:)/ },
    }),
  /** Every event comes a second time, half a minute after the first. */
  'delivered twice': (vendorKind: VendorKind) =>
    calm('delivered twice', vendorKind, { repeatsAfterMs: 30_000 }),
  /** The bus accepts nothing for five minutes: the buyer gets an answer all the same, and the relay publishes later. */
  'no bus': (vendorKind: VendorKind) =>
    calm('no bus', vendorKind, { busOutage: { fromMs: 0, toMs: 5 * minuteMs } }),
  /** For ten minutes no lock can be taken, which is no order's fault: none is dead-lettered. */
  'no lock': (vendorKind: VendorKind) =>
    calm('no lock', vendorKind, { lockOutage: { fromMs: 0, toMs: 10 * minuteMs } }),
  /** The carrier works and does not answer, then does nothing at all: only a late look-up shows what it did. */
  'late answers': (vendorKind: VendorKind) =>
    calm('late answers', vendorKind, {
      outages: [
        { vendor: 'logistics', kind: 'works and hangs', fromMs: 0, toMs: 5000 },
        { vendor: 'logistics', kind: 'hangs', fromMs: 5000, toMs: 80_000 },
      ],
      operator: { redriveAfterMs: 30_000, maxRedrives: 5 },
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(?!NEVER|RECEIVED|WAITED)/ },
    }),
  /**
   * The warehouse's credential cannot be read from the start, the carrier's not after half a minute: no vendor's
   * fault, so no order loses an attempt.
   */
  'no credential': (vendorKind: VendorKind) =>
    calm('no credential', vendorKind, {
      outages: [
        { vendor: 'wms', kind: 'has no credential', fromMs: 0, toMs: 6 * minuteMs },
        { vendor: 'logistics', kind: 'has no credential', fromMs: 30_000, toMs: 10 * minuteMs },
      ],
      plannedOrders: [
        ...oneOrder('1 rue'),
        { owner: 'shop', key: 'k2', atMs: 35_000, request: request('2 rue') },
      ],
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^OUTCOME_UNKNOWN:/ },
    }),
  /** The carrier refuses connections for ten minutes: the order waits, and a probe goes first. */
  outage: (vendorKind: VendorKind) =>
    calm('outage', vendorKind, {
      outages: [{ vendor: 'logistics', kind: 'refuses', fromMs: 0, toMs: 10 * minuteMs }],
      operator: { redriveAfterMs: 30_000, maxRedrives: 5 },
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(?!NEVER|RECEIVED|WAITED)/ },
    }),
  /** The carrier answers 500 for ten minutes: five failures dead-letter the order and open the circuit. */
  'failing vendor': (vendorKind: VendorKind) =>
    calm('failing vendor', vendorKind, {
      outages: [{ vendor: 'logistics', kind: 'fails', fromMs: 0, toMs: 10 * minuteMs }],
      operator: { redriveAfterMs: 30_000, maxRedrives: 5 },
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(?!NEVER|RECEIVED|WAITED)/ },
    }),
  /** The rules deliver nothing for hours: the relay sends ten times, and gives the order to an operator. */
  'never consumed': (vendorKind: VendorKind) =>
    calm('never consumed', vendorKind, {
      brokenRules: { fromMs: 0, toMs: 2 * hourMs },
      operator: { redriveAfterMs: 30_000, maxRedrives: 5 },
      expects: { doneByMs: 4 * hourMs, mayDeadLetter: /^(NEVER_CONSUMED|OUTCOME_UNKNOWN:)/ },
    }),
}
export type PathName = keyof typeof paths

const outageKinds = [
  ...(['refuses', 'fails', 'hangs', 'works and hangs', 'asks for a pause'] as const),
  ...(['refuses our credential', 'has no credential'] as const),
] as const

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
      vendor: chance.pick(`outage ${index} vendor`, vendorNames),
      kind: chance.pick(`outage ${index} kind`, outageKinds),
      fromMs,
      toMs: fromMs + lasts,
    }
  })
}

function plannedOrder(chance: Chance, index: number, withinMs: number): PlannedOrder {
  const of = (what: string) => `wish ${index} ${what}`
  // Some shops use a key again, for the same order or for another; some send what is no order.
  const key = chance.between(of('key'), 0, 9) === 0 ? 'k0' : `k${index}`
  const line1 = chance.between(of('unserved'), 0, 7) === 0 ? unservedLine : `${index} rue de l'Abbaye`
  const valid = request(key === 'k0' && chance.happens(of('same'), 0.5) ? 'The same' : line1)
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
  const kinds = Object.values(vendorKinds)
  const plannedOrders = Array.from({ length: chance.pick('orders', [1, 1, 2, 3, 5, 12]) }, (_, index) =>
    plannedOrder(chance, index, chance.pick('rush', [0, 2000, 2 * minuteMs])),
  )
  const isBroken = chance.between('broken rules', 0, 29) === 0
  const scenario: Scenario = {
    name: `random ${seed}`,
    seed,
    plannedOrders,
    outages: outagesOf(chance),
    skewMs: chance.pick('skew', [0, 0, 1000, 3000]),
    indexLagMs: chance.pick('lag', [0, 0, 500, 3000]),
    coldStartRate: chance.pick('cold starts', [0, 0.2]),
    isWild: true,
    vendors: forEachStep((step) => chance.pick(step, kinds)),
    brokenRules: isBroken ? { fromMs: 0, toMs: 4 * hourMs } : undefined,
    busOutage: chance.pick('bus outage', [
      undefined,
      undefined,
      undefined,
      { fromMs: 0, toMs: 2 * minuteMs },
    ]),
    lockOutage: chance.pick('lock outage', [
      undefined,
      undefined,
      undefined,
      { fromMs: 0, toMs: 5 * minuteMs },
    ]),
    operator: {
      redriveAfterMs: chance.pick('redrive', [undefined, 2000, 30_000, 10 * minuteMs]),
      maxRedrives: chance.pick('redrives', [1, 3]),
    },
    poison: Array.from({ length: chance.pick('poison', [0, 0, 0, 0, 1, 3]) }, (_, index) => ({
      queue: chance.pick(
        `poison ${index} queue`,
        vendorNames.map((name) => `${name}-queue` as const),
      ),
      body: chance.pick(`poison ${index} body`, poisons),
      atMs: chance.between(`poison ${index} at`, 0, 2 * minuteMs),
    })),
  }
  const rate = chance.pick('rate', [0, 0.01, 0.03, 0.1, 0.25])
  return { scenario, plan: randomPlan(chance, { rate, untilMs: chance.between('heals', 1, 30) * minuteMs }) }
}
