import { orderStatuses, readyStatus } from '../../../lambdas/domain/chain.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import type { Operator } from '../kernel/operator.ts'
import { stepOf, type VendorName, vendorNames } from '../kernel/options.ts'
import type { Shops } from '../kernel/shop.ts'
import type { World } from '../kernel/world.ts'
import { productOf } from '../models/vendor.ts'
import type { Scenario } from '../run.ts'
import type { Watch } from './watch.ts'

/** A run that has come to rest: nothing is left to happen. */
export interface Rest {
  world: World
  scenario: Scenario
  shops: Shops
  operator: Operator
  watch: Watch
  orders: readonly Order[]
  rests: boolean
}

/** One sentence for each violation of an invariant. */
export type Findings = Generator<string>

export const isOver = ({ status }: Order): boolean => status === readyStatus || status === 'CANCELLED'

/** Whether an entry of a timeline is a status. */
export const isStatus = (type: string): boolean => orderStatuses.some((status) => status === type)

/** The vendors chosen for an order. */
export const vendorsOf = ({ vendors }: Order): VendorName[] =>
  vendorNames.filter((name) => vendors[stepOf(name)] === name)

/** The vendor's identifier that is stored on the order, if any. */
export function thingOf(order: Order, vendor: VendorName): string | undefined {
  const { kept } = productOf(stepOf(vendor))
  const thing = kept === 'facts' ? Object.values(order.facts ?? {})[0] : order[kept]
  return typeof thing === 'string' ? thing : undefined
}

/** The id of an event without the nonce of its order's item, if it has one: `{orderId}:{nonce}:{STATUS}`. */
export const plainEventId = (eventId: string): string => eventId.replace(/^(ord_\w{32}):[0-9a-z]{5}:/, '$1:')

/** The events that the bus accepted, in order, with their times. */
export const publishedEvents = ({ bus }: World) =>
  bus.published.map(({ detail, time }) => {
    const { eventId, occurredAt } = (detail as { metadata: { eventId: string; occurredAt: string } }).metadata
    return { eventId, plainId: plainEventId(eventId), occurredAt, at: Date.parse(time) }
  })
