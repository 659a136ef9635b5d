import { calm, dayMs, hourMs, minuteMs, order, redrives } from './calm-world.ts'
import type { OurOutage } from './kernel/options.ts'
import type { Scenario } from './run.ts'
import { type VendorKind, vendorKinds } from './vendor-kinds.ts'

/**
 * Something of ours fails for two hours, after one order has been completed and another has arrived. Orders may wait a
 * day, so none is dead-lettered.
 */
const hoursWithout = (
  name: string,
  what: OurOutage['what'],
  vendorKind: VendorKind,
  more: Partial<Scenario> = {},
): Scenario =>
  calm(name, vendorKind, {
    waitingLimitMs: dayMs,
    ourOutages: [{ what, fromMs: 2000, toMs: 2 * hourMs }],
    plannedOrders: [order('1 rue'), order('2 rue', 'k2', 3000)],
    operator: { ...redrives, maxRedrives: 50 },
    expects: { doneByMs: 4 * hourMs, mayDeadLetter: /^OUTCOME_UNKNOWN:/ },
    ...more,
  })

const canBeLookedUp = (vendorKind: VendorKind): boolean =>
  Object.values(vendorKinds[vendorKind]).every((vendor) => vendor.canBeLookedUp)

/** Paths that take hours or weeks: long outages, deployments, retention. */
export const longPaths = {
  'no messages for hours': (vendorKind: VendorKind) =>
    hoursWithout('no messages for hours', 'mappings', vendorKind),
  /** The relay dead-letters the order after the waiting limit, and then the shop cancels it. */
  'no messages, then cancelled': (vendorKind: VendorKind) =>
    hoursWithout('no messages, then cancelled', 'mappings', vendorKind, {
      waitingLimitMs: hourMs,
      plannedOrders: [{ ...order('1 rue'), cancelAtMs: 115 * minuteMs }],
      operator: { maxRedrives: 0 },
      expects: { doneByMs: 4 * hourMs, mayDeadLetter: /^(NEVER_CONSUMED|OUTCOME_UNKNOWN:)/ },
    }),
  'workers crash for hours': (vendorKind: VendorKind) =>
    hoursWithout('workers crash for hours', 'workers', vendorKind),
  'no lock for hours': (vendorKind: VendorKind) => hoursWithout('no lock for hours', 'locks', vendorKind),
  /** No order can be placed. */
  'no order table for hours': (vendorKind: VendorKind) =>
    hoursWithout('no order table for hours', 'orders', vendorKind, { plannedOrders: [order('1 rue')] }),
  /** The carrier refuses the address just as the bus goes down, so the dead-lettering's event has to wait. */
  'no bus for hours': (vendorKind: VendorKind) =>
    calm('no bus for hours', vendorKind, {
      waitingLimitMs: dayMs,
      plannedOrders: [order('Nowhere 1')],
      ourOutages: [{ what: 'bus', fromMs: 1050, toMs: 2 * hourMs }],
      expects: { doneByMs: 4 * hourMs, mayDeadLetter: /^(ADDRESS_NOT_SERVED|NO_RATES|OUTCOME_UNKNOWN:)/ },
    }),
  /** Between two attempts a release is deployed that changes the requests. */
  'requests change': (vendorKind: VendorKind) =>
    calm('requests change', vendorKind, {
      releasedAtMs: 1500,
      operator: redrives,
      expects: {
        doneByMs: 30 * minuteMs,
        // The outcome of a request of the old release can only be looked up.
        mayDeadLetter: canBeLookedUp(vendorKind) ? /^never$/ : /^OUTCOME_UNKNOWN:/,
      },
    }),
  /** The order was written by a release that did not store a nonce. */
  'written by the release before': (vendorKind: VendorKind) =>
    calm('written by the release before', vendorKind, { writtenWithout: ['nonce'] }),
  /** The shop places an order again after TTL has removed it: a new order, which needs its own AWB. */
  'placed again after retention': (vendorKind: VendorKind) =>
    calm('placed again after retention', vendorKind, {
      sweptAtMs: 31 * dayMs,
      plannedOrders: [order('1 rue'), order('1 rue', 'k1', 31 * dayMs + minuteMs)],
      expects: { doneByMs: 31 * dayMs + hourMs, mayDeadLetter: /^OUTCOME_UNKNOWN:/ },
    }),
  /**
   * The carrier does the work without answering, and then cannot be reached until it has forgotten the key. Meanwhile
   * the order exceeds its waiting limit, and an operator redrives it.
   */
  'keys forgotten': (vendorKind: VendorKind) =>
    calm('keys forgotten', vendorKind, {
      outages: [
        { vendor: 'logistics', kind: 'works and hangs', fromMs: 0, toMs: 2000 },
        { vendor: 'logistics', kind: 'refuses', fromMs: 2000, toMs: 90 * minuteMs },
      ],
      operator: { redriveAfterMs: 45 * minuteMs, maxRedrives: 1 },
      expects: { doneByMs: 4 * hourMs, mayDeadLetter: /^(?!NEVER|RECEIVED)/ },
    }),
  /** The carrier alternates between asking for pauses and failing. The waiting limit still applies. */
  'trouble without end': (vendorKind: VendorKind) =>
    calm('trouble without end', vendorKind, {
      waitingLimitMs: 10 * minuteMs,
      outages: [
        { vendor: 'logistics', kind: 'asks for a pause', fromMs: 0, toMs: 355_000 },
        { vendor: 'logistics', kind: 'fails', fromMs: 355_000, toMs: 420_000 },
        { vendor: 'logistics', kind: 'asks for a pause', fromMs: 420_000, toMs: 40 * minuteMs },
      ],
      expects: { doneByMs: 15 * minuteMs, mayDeadLetter: /^(WAITED_TOO_LONG|OUTCOME_UNKNOWN:|HTTP_500$)/ },
    }),
  /** The carrier's response can never be stored: the order is dead-lettered at once, with the response kept. */
  'unwritable answer': (vendorKind: VendorKind) =>
    calm('unwritable answer', vendorKind, {
      unwritable: 'logistics',
      expects: { doneByMs: 10 * minuteMs, mayDeadLetter: /^(?!NEVER|RECEIVED|WAITED)/ },
    }),
}
