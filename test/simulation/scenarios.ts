import { calm, hourMs, minuteMs, order, redrives } from './calm-world.ts'
import { couriersShop } from './kernel/options.ts'
import { longPaths } from './long-paths.ts'
import { unservedLine } from './models/vendor.ts'
import type { VendorKind } from './vendor-kinds.ts'

/** The paths of one order. They are played with every cut, and with pairs of cuts as coverage.ts says. */
export const paths = {
  straight: (vendorKind: VendorKind) => calm('straight', vendorKind),
  /** The shop's orders are routed to a second carrier. Even with a wrong rule the first one must not get them. */
  'second carrier': (vendorKind: VendorKind) =>
    calm('second carrier', vendorKind, {
      hasCourier: true,
      plannedOrders: [{ ...order('1 rue'), owner: couriersShop }],
    }),
  /** The carrier is down for ten minutes, and an operator reroutes the order to the second one. */
  rerouted: (vendorKind: VendorKind) =>
    calm('rerouted', vendorKind, {
      hasCourier: true,
      outages: [{ vendor: 'logistics', kind: 'refuses', fromMs: 0, toMs: 10 * minuteMs }],
      operator: { ...redrives, reroutesAtMs: [90_000] },
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(?!NEVER|RECEIVED|WAITED)/ },
    }),
  /**
   * Neither carrier accepts the order at first, and it is rerouted there and back. Each event is also delivered again in
   * the lane that the order has left, which must not keep that lane from processing it later.
   */
  'rerouted and back': (vendorKind: VendorKind) =>
    calm('rerouted and back', vendorKind, {
      hasCourier: true,
      repeatsAfterMs: 120_000,
      outages: [
        { vendor: 'logistics', kind: 'refuses', fromMs: 0, toMs: 4 * minuteMs },
        { vendor: 'courier', kind: 'refuses', fromMs: 0, toMs: 20 * minuteMs },
      ],
      operator: { ...redrives, reroutesAtMs: [90_000, 3 * minuteMs] },
      expects: { doneByMs: 40 * minuteMs, mayDeadLetter: /^(?!NEVER|RECEIVED|WAITED)/ },
    }),
  /** The carrier's certificate is expired for ten minutes: no request is sent, so no outcome is unknown. */
  'bad certificate': (vendorKind: VendorKind) =>
    calm('bad certificate', vendorKind, {
      outages: [{ vendor: 'logistics', kind: 'has a bad certificate', fromMs: 0, toMs: 10 * minuteMs }],
      operator: redrives,
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^OUTCOME_UNKNOWN:/ },
    }),
  /** The carrier refuses the address, the shop corrects it, and an operator redrives the order. */
  'corrected and redriven': (vendorKind: VendorKind) =>
    calm('corrected and redriven', vendorKind, {
      plannedOrders: [order(unservedLine)],
      operator: redrives,
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(ADDRESS_NOT_SERVED|NO_RATES|OUTCOME_UNKNOWN:)/ },
    }),
  /** The carrier refuses the address, and the shop cancels the order. */
  'refused and cancelled': (vendorKind: VendorKind) =>
    calm('refused and cancelled', vendorKind, {
      plannedOrders: [{ ...order(unservedLine), cancelAtMs: 20_000 }],
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(ADDRESS_NOT_SERVED|NO_RATES|OUTCOME_UNKNOWN:)/ },
    }),
  /** Every event is delivered a second time after half a minute. */
  'delivered twice': (vendorKind: VendorKind) =>
    calm('delivered twice', vendorKind, { repeatsAfterMs: 30_000 }),
  /** The bus accepts nothing for five minutes. The buyer still gets a response, and the relay publishes later. */
  'no bus': (vendorKind: VendorKind) =>
    calm('no bus', vendorKind, { ourOutages: [{ what: 'bus', fromMs: 0, toMs: 5 * minuteMs }] }),
  /** For ten minutes no lock can be taken. This is not the orders' fault, so none is dead-lettered. */
  'no lock': (vendorKind: VendorKind) =>
    calm('no lock', vendorKind, { ourOutages: [{ what: 'locks', fromMs: 0, toMs: 10 * minuteMs }] }),
  /** The carrier does the work without answering, then stops responding. Only a late look-up shows what it did. */
  'late answers': (vendorKind: VendorKind) =>
    calm('late answers', vendorKind, {
      outages: [
        { vendor: 'logistics', kind: 'works and hangs', fromMs: 0, toMs: 5000 },
        { vendor: 'logistics', kind: 'hangs', fromMs: 5000, toMs: 80_000 },
      ],
      operator: redrives,
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(?!NEVER|RECEIVED|WAITED)/ },
    }),
  /**
   * The warehouse's credential cannot be read from the start, and the carrier's from half a minute on. This is not the
   * vendors' fault, so it counts as no attempt.
   */
  'no credential': (vendorKind: VendorKind) =>
    calm('no credential', vendorKind, {
      outages: [
        { vendor: 'wms', kind: 'has no credential', fromMs: 0, toMs: 6 * minuteMs },
        { vendor: 'logistics', kind: 'has no credential', fromMs: 30_000, toMs: 10 * minuteMs },
      ],
      plannedOrders: [order('1 rue'), order('2 rue', 'k2', 35_000)],
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^OUTCOME_UNKNOWN:/ },
    }),
  /** The carrier refuses connections for ten minutes: the order waits until a probe has succeeded. */
  outage: (vendorKind: VendorKind) =>
    calm('outage', vendorKind, {
      outages: [{ vendor: 'logistics', kind: 'refuses', fromMs: 0, toMs: 10 * minuteMs }],
      operator: redrives,
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(?!NEVER|RECEIVED|WAITED)/ },
    }),
  /** The carrier answers 500 for ten minutes: five failures dead-letter the order and open the circuit. */
  'failing vendor': (vendorKind: VendorKind) =>
    calm('failing vendor', vendorKind, {
      outages: [{ vendor: 'logistics', kind: 'fails', fromMs: 0, toMs: 10 * minuteMs }],
      operator: redrives,
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(?!NEVER|RECEIVED|WAITED)/ },
    }),
  /** The rules deliver nothing for hours: the relay sends ten times, then dead-letters the order. */
  'never consumed': (vendorKind: VendorKind) =>
    calm('never consumed', vendorKind, {
      ourOutages: [{ what: 'rules', fromMs: 0, toMs: 2 * hourMs }],
      operator: redrives,
      expects: { doneByMs: 4 * hourMs, mayDeadLetter: /^(NEVER_CONSUMED|OUTCOME_UNKNOWN:)/ },
    }),
  /** The carrier does the work without answering, and an operator settles the order after asking its staff. */
  'settled by hand': (vendorKind: VendorKind) =>
    calm('settled by hand', vendorKind, {
      outages: [{ vendor: 'logistics', kind: 'works and hangs', fromMs: 0, toMs: 5000 }],
      operator: redrives,
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^OUTCOME_UNKNOWN:/ },
    }),
  /** The shop cancels when the order is ready, and the vendors' staff undo the work by hand. */
  'cancelled and settled': (vendorKind: VendorKind) =>
    calm('cancelled and settled', vendorKind, {
      plannedOrders: [{ ...order('1 rue'), cancelAtMs: minuteMs }],
      operator: redrives,
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(OUTCOME_UNKNOWN:|NO_WAY_TO_CANCEL)/ },
    }),
  /** The shop cancels a minute after the click, when the order is ready. Earlier events are delivered again later. */
  'cancelled when ready': (vendorKind: VendorKind) =>
    calm('cancelled when ready', vendorKind, {
      repeatsAfterMs: 62_000,
      plannedOrders: [{ ...order('1 rue'), cancelAtMs: minuteMs }],
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(OUTCOME_UNKNOWN:|NO_WAY_TO_CANCEL)/ },
    }),
  /** The warehouse ships at once, so the cancellation is refused and the order continues. */
  'cancelled too late': (vendorKind: VendorKind) => {
    const scenario = calm('cancelled too late', vendorKind, {
      plannedOrders: [{ ...order('1 rue'), cancelAtMs: minuteMs }],
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(OUTCOME_UNKNOWN:|NO_WAY_TO_CANCEL)/ },
    })
    const { vendors } = scenario
    return { ...scenario, vendors: { ...vendors, wms: { ...vendors.wms, leavesAfterMs: 0 } } }
  },
  ...longPaths,
}
/** The name of a path. */
export type PathName = keyof typeof paths
