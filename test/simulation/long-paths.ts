import { calm, dayMs, hourMs, minuteMs, order, redrives } from './calm-world.ts'
import type { OurOutage } from './kernel/options.ts'
import type { Scenario } from './run.ts'
import { type VendorKind, vendorKinds } from './vendor-kinds.ts'

/**
 * One order has gone through, and another one comes, when something of ours fails for two hours. Orders may wait a
 * day, so none is dead-lettered for it.
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
  /** The relay gives the order up when it has waited as long as it may, and then the shop does. */
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
  /** Nothing new can be placed. */
  'no order table for hours': (vendorKind: VendorKind) =>
    hoursWithout('no order table for hours', 'orders', vendorKind, { plannedOrders: [order('1 rue')] }),
  /** The carrier refuses the address just as the bus goes down: the event of the dead letter waits for it. */
  'no bus for hours': (vendorKind: VendorKind) =>
    calm('no bus for hours', vendorKind, {
      waitingLimitMs: dayMs,
      plannedOrders: [order('Nowhere 1')],
      ourOutages: [{ what: 'bus', fromMs: 1050, toMs: 2 * hourMs }],
      expects: { doneByMs: 4 * hourMs, mayDeadLetter: /^(ADDRESS_NOT_SERVED|NO_RATES|OUTCOME_UNKNOWN:)/ },
    }),
  /** A release that changes the requests comes between an attempt and the next one. */
  'requests change': (vendorKind: VendorKind) =>
    calm('requests change', vendorKind, {
      releasedAtMs: 1500,
      operator: redrives,
      expects: {
        doneByMs: 30 * minuteMs,
        // What was asked with the old request can only be looked up.
        mayDeadLetter: canBeLookedUp(vendorKind) ? /^never$/ : /^OUTCOME_UNKNOWN:/,
      },
    }),
  /** The order was written by a release that knew no nonce. */
  'written by the release before': (vendorKind: VendorKind) =>
    calm('written by the release before', vendorKind, { writtenWithout: ['nonce'] }),
  /** TTL has removed the order when its shop places it again: a new order, which needs an AWB of its own. */
  'placed again after retention': (vendorKind: VendorKind) =>
    calm('placed again after retention', vendorKind, {
      sweptAtMs: 31 * dayMs,
      plannedOrders: [order('1 rue'), order('1 rue', 'k1', 31 * dayMs + minuteMs)],
      expects: { doneByMs: 31 * dayMs + hourMs, mayDeadLetter: /^OUTCOME_UNKNOWN:/ },
    }),
  /**
   * The carrier works without answering, and then cannot be reached until it has forgotten the key. The order waits
   * too long meanwhile, and an operator redrives it.
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
  /** The carrier asks for pauses, fails in between, and asks for pauses again: a waiting limit is a limit. */
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
  /** The carrier's answer cannot be stored, whatever we try: a person's at once, with the answer kept. */
  'unwritable answer': (vendorKind: VendorKind) =>
    calm('unwritable answer', vendorKind, {
      unwritable: 'logistics',
      expects: { doneByMs: 10 * minuteMs, mayDeadLetter: /^(?!NEVER|RECEIVED|WAITED)/ },
    }),
}
