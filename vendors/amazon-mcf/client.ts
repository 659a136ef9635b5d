import * as z from 'zod/mini'
import {
  classifyReply,
  type VendorClient,
  type VendorCodes,
  type VendorJob,
} from '../../lambdas/adapters/vendor-client.ts'
import type { Reply, VendorHttp } from '../../lambdas/adapters/vendor-http.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { isVendorCode, type Reason } from '../../lambdas/domain/reasons.ts'
import type { Meaning } from '../../lambdas/domain/vendor-answer.ts'
import { decimalsOf } from '../decimals.ts'
import { type AmazonMcfOptions, amazonMcfOptions } from './options.ts'

const orders = '/fba/outbound/2020-07-01/fulfillmentOrders'

const refusal = z.object({ errors: z.array(z.object({ code: z.string() })).check(z.minLength(1)) })

/** Moves Amazon's error code to where `classifyReply` expects it: `InvalidInput` becomes `INVALID_INPUT`. */
function translated(reply: Reply): Reply {
  if (reply.kind !== 'answer') return reply
  const code = z.safeParse(refusal, reply.body).data?.errors[0]?.code
  if (code === undefined) return reply
  return { ...reply, body: { code: code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() } }
}

/** FulfillmentOrderStatus, case-insensitive: the API's examples write it in capitals, its model does not. */
const status = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text) => text.replaceAll('_', '').toLowerCase()),
  ),
  z.enum([
    'new',
    'received',
    'planning',
    'processing',
    'cancelled',
    'complete',
    'completepartialled',
    'unfulfillable',
    'invalid',
  ]),
)
type Status = z.output<typeof status>
const fulfillmentOrder = z.object({ sellerFulfillmentOrderId: z.string(), fulfillmentOrderStatus: status })
const answer = z.object({ payload: z.object({ fulfillmentOrder }) })

/** The number on the packing slip: the shop's own if it is printable, else our order id. */
const slipNumber = ({ reference = '', orderId }: Order): string =>
  /^(?!.*\s\s)[\x20-\x7e\xa0-\xff]{1,40}$/.test(reference) ? reference : orderId

function requestFor(order: Order, reference: string, own: AmazonMcfOptions) {
  const { items, currency, customer, shippingAddress: to, shippingService = '' } = order
  const decimals = decimalsOf(currency)
  return {
    marketplaceId: own.marketplaceId,
    sellerFulfillmentOrderId: reference,
    displayableOrderId: slipNumber(order),
    displayableOrderDate: order.createdAt,
    displayableOrderComment: own.comment,
    shippingSpeedCategory: own.speeds[shippingService] ?? 'Standard',
    fulfillmentAction: 'Ship',
    // All or nothing: a shop could not tell its buyer which items are missing.
    fulfillmentPolicy: 'FillOrKill',
    destinationAddress: {
      name: to.name,
      addressLine1: to.line1,
      addressLine2: to.line2,
      addressLine3: to.company,
      // Required in every country but Japan, where there must be none.
      city: to.country === 'JP' ? undefined : to.city,
      stateOrRegion: to.region,
      postalCode: to.postalCode,
      countryCode: to.country,
      phone: to.phone ?? customer.phone,
    },
    items: items.map(({ sku, quantity, unitPrice }, index) => ({
      sellerSku: sku,
      sellerFulfillmentOrderItemId: `${index + 1}`,
      quantity,
      perUnitDeclaredValue: {
        currencyCode: currency,
        value: (unitPrice / 10 ** decimals).toFixed(decimals),
      },
    })),
  }
}

/** The reason for one of Amazon's codes. */
const because = (code: string): Reason => (isVendorCode(code) ? code : 'UNREADABLE_ANSWER')
const accepted: Meaning = { made: 'accepted', blame: 'nobody', reason: 'NOT_READY_YET' }
const notThere: Meaning = { made: 'no', blame: 'nobody', reason: 'NOT_THERE' }
const undone: Meaning = { made: 'yes', blame: 'nobody', reason: 'UNDONE', facts: {} }
const tooLate: Meaning = { made: 'no', blame: 'order', reason: 'TOO_LATE' }
const isRefused = ({ made, blame }: Meaning) => made === 'no' && blame === 'order'

/** The meaning of an order's status. From `received` on, Amazon has checked address and stock and has accepted it. */
function meaningOf(found: Status, reference: string): Meaning {
  const made = { made: 'yes', facts: { wmsReference: reference } } as const
  switch (found) {
    case 'new':
      return accepted
    case 'received':
    case 'planning':
    case 'processing':
    case 'complete':
      return { ...made, blame: 'nobody', reason: 'MADE' }
    case 'completepartialled':
      return { ...made, blame: 'order', reason: because('SHIPPED_IN_PART') }
    case 'cancelled':
      return { ...made, blame: 'order', reason: 'CANCELLED_BY_VENDOR' }
    case 'unfulfillable':
    case 'invalid':
      return { made: 'no', blame: 'order', reason: because(found.toUpperCase()) }
  }
}

/** What a status means for a cancellation: done already, too late, or `ask` Amazon to cancel. */
const cancelling: Record<Status, Meaning | 'ask'> = {
  new: accepted,
  received: 'ask',
  planning: 'ask',
  processing: tooLate,
  complete: tooLate,
  completepartialled: tooLate,
  cancelled: undone,
  unfulfillable: undone,
  invalid: undone,
}

/**
 * Amazon Multi-Channel Fulfillment, a warehouse (https://developer-docs.amazon.com/sp-api/docs/fulfillment-outbound-api).
 * A reference must be unique: Amazon refuses a second order like any invalid request. Amazon chooses the carrier.
 */
export function createAmazonMcfClient(http: VendorHttp, codes: VendorCodes, options: unknown): VendorClient {
  const own = z.parse(amazonMcfOptions, options)
  const pathOf = (reference: string) => `${orders}/${encodeURIComponent(reference)}`

  function read(reply: Reply, call: 'create' | 'look-up', succeeded: (body: unknown) => Meaning): Meaning {
    const meaning = classifyReply(translated(reply), call, codes, succeeded)
    // Every 403 of the API is about the token or its roles.
    return meaning.reason === because('UNAUTHORIZED')
      ? { made: 'no', blame: 'us', reason: 'CREDENTIAL_REFUSED' }
      : meaning
  }

  /** An order's status, or the meaning of the reply if it has none. */
  async function statusOf({ reference }: VendorJob): Promise<Status | Meaning> {
    let found: Status | undefined
    const meaning = read(await http('GET', pathOf(reference)), 'look-up', (body) => {
      const order = z.safeParse(answer, body).data?.payload.fulfillmentOrder
      const isOurs = order === undefined || order.sellerFulfillmentOrderId === reference
      found = isOurs ? order?.fulfillmentOrderStatus : undefined
      return { made: 'unknown', blame: 'unclear', reason: isOurs ? 'UNREADABLE_ANSWER' : 'FOREIGN_REFERENCE' }
    })
    return found ?? meaning
  }

  /** Whether Amazon has no such order. INVALID_INPUT counts too: a wrong guess is safe, since a reference works once. */
  const isMissing = ({ reason }: Meaning) => reason === 'NOT_THERE' || reason === because('INVALID_INPUT')

  return {
    requestVersion: 1,
    async create(job) {
      const body = requestFor(job.order, job.reference, own)
      const meaning = read(await http('POST', orders, body, job.reference), 'create', () => accepted)
      if (!isRefused(meaning)) return meaning
      // The create may be refused because the order already exists.
      const found = await statusOf(job)
      if (typeof found === 'string') return meaningOf(found, job.reference)
      return isMissing(found) ? meaning : { made: 'unknown', blame: 'nobody', reason: meaning.reason }
    },
    async lookUp(job) {
      const found = await statusOf(job)
      if (typeof found !== 'string') return isMissing(found) ? notThere : found
      const meaning = meaningOf(found, job.reference)
      // An order that will never be sent counts as not there; the next create is refused with the reason.
      return isRefused(meaning) ? notThere : meaning
    },
    async cancel(job) {
      const found = await statusOf(job)
      if (typeof found !== 'string') return found
      const known = cancelling[found]
      if (known !== 'ask') return known
      const path = `${pathOf(job.reference)}/cancel`
      const meaning = read(await http('PUT', path), 'create', () => accepted)
      // The status has changed since the look-up; the next attempt looks again.
      return isRefused(meaning) ? { made: 'unknown', blame: 'nobody', reason: 'CONFLICT' } : meaning
    },
  }
}
