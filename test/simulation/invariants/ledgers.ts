import { firstStep, linkOf } from '../../../lambdas/domain/chain.ts'
import { couriersShop, stepOf, type VendorName, vendorNames } from '../kernel/options.ts'
import type { Made } from '../models/vendor.ts'
import { type Findings, type Rest, thingOf, vendorsOf } from './rest.ts'
import type { Life } from './watch.ts'

/** Whether a time, in epoch ms, is within an order's life. */
export const isIn = ({ bornAt, removedAt = Number.POSITIVE_INFINITY }: Life, at: number): boolean =>
  at >= bornAt && at < removedAt

/** Everything that a vendor made for an order in one of its lives, including what was undone or cancelled since. */
export const madeFor = ({ world }: Rest, vendor: VendorName, life: Life): Made[] =>
  world.vendor(vendor).ledger.filter(({ orderId, at }) => orderId === life.order.orderId && isIn(life, at))

const eachLife = ({ watch }: Rest) =>
  watch.lives.flatMap((life) =>
    vendorsOf(life.order).map((vendor) => ({ life, vendor, known: thingOf(life.order, vendor) })),
  )

/** Whether the thing has been neither cancelled nor undone. */
export const isGood = ({ cancelledAt, undoneAt }: Made): boolean => (cancelledAt ?? undoneAt) === undefined

/** At most one AWB and one shipment per order, not counting what was undone, by us or by the vendor's own staff. */
export function* nothingTwice(rest: Rest): Findings {
  for (const { life, vendor } of eachLife(rest)) {
    const made = madeFor(rest, vendor, life).filter(isGood)
    if (made.length > 1) yield `${vendor} made ${made.length} for ${life.order.orderId}`
  }
}

/** An order has its routed carrier or the one that it was rerouted to, and no other vendor made anything for it. */
export function* rightVendors(rest: Rest): Findings {
  for (const life of rest.watch.lives) {
    const { order } = life
    const carrier = rest.scenario.hasCourier && order.ownerId === couriersShop ? 'courier' : firstStep
    const own = vendorsOf(order)
    const isRerouted = order.timeline.some(({ type }) => type === 'REROUTED')
    if (!isRerouted && !own.includes(carrier))
      yield `${order.orderId} of ${order.ownerId} is not ${carrier}'s`
    for (const vendor of vendorNames)
      if (!own.includes(vendor) && madeFor(rest, vendor, life).some((thing) => !isRerouted || isGood(thing)))
        yield `${vendor} has made something for ${order.orderId}, which has other vendors`
  }
}

/** An identifier on an order is one that the vendor made for this order, and was not cancelled when it was stored. */
export function* itsOwn(rest: Rest): Findings {
  const owners = new Map<string, Life>()
  for (const { life, vendor, known } of eachLife(rest)) {
    const { orderId, status } = life.order
    if (status === linkOf(stepOf(vendor)).to && known === undefined)
      yield `${orderId} is ${status} with nothing of ${vendor}'s`
    if (known === undefined) continue
    const made = madeFor(rest, vendor, life).find(({ id }) => id === known)
    if (made === undefined)
      yield `${orderId} says ${JSON.stringify(known)}, which ${vendor} never made for it`
    const knownAt = life.knownAt[vendor] ?? 0
    if (made?.cancelledAt !== undefined && made.cancelledAt <= knownAt)
      yield `${orderId} says ${known}, which ${vendor} had cancelled`
    const owner = owners.get(`${vendor} ${known}`)
    if (owner) yield `${orderId} says ${known}, as ${owner.order.orderId} of ${owner.order.createdAt} does`
    owners.set(`${vendor} ${known}`, life)
  }
}

/** Everything that a vendor made is recorded on its order, or an operator is told that there may be something. */
export function* nothingUnknown(rest: Rest): Findings {
  const { world } = rest
  for (const { life, vendor, known } of eachLife(rest)) {
    const { order } = life
    const { orderId, status, deadLettered, unknownOutcome, attention } = order
    for (const { id } of madeFor(rest, vendor, life).filter(isGood)) {
      if (id === known) continue
      const letters = world.sqs.messages(`${vendor}-dlq`).filter(({ body }) => body.includes(orderId))
      const isSaid =
        unknownOutcome !== undefined ||
        attention?.reason.startsWith('OUTCOME_UNKNOWN') ||
        JSON.stringify([order, letters]).includes(id)
      const isWaiting = attention?.state === 'waiting' && world.outageOf(vendor) !== undefined
      if (!isSaid || !(deadLettered !== undefined || isWaiting))
        yield `${vendor} made ${id} for ${orderId}, which is ${deadLettered ? `dead-lettered for ${attention?.reason}` : status} and does not say so`
    }
  }
}
