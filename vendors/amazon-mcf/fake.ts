import * as z from 'zod'
import type { Faults } from '../faults.ts'
import type { Answer, Call, Later, VendorHost, VendorProtocol } from '../protocol.ts'

/** How long a cancellation takes in this fake. */
const cancelMs = 1_000
/** https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api */
const tokenMs = 3_600_000

const orders = '/fba/outbound/2020-07-01/fulfillmentOrders'
const tokenPath = '/auth/o2/token'

const text = z.string().min(1)
const createRequest = z.object({
  marketplaceId: text,
  sellerFulfillmentOrderId: text.max(40),
  displayableOrderId: text.max(40),
  displayableOrderDate: z.iso.datetime(),
  displayableOrderComment: text.max(750),
  shippingSpeedCategory: z.enum(['Standard', 'Expedited', 'Priority', 'ScheduledDelivery']),
  fulfillmentAction: z.enum(['Ship', 'Hold']).optional(),
  fulfillmentPolicy: z.enum(['FillOrKill', 'FillAll', 'FillAllAvailable']).optional(),
  destinationAddress: z.looseObject({ name: text, addressLine1: text, postalCode: text, countryCode: text }),
  items: z
    .array(
      z.looseObject({
        sellerSku: text.max(50),
        quantity: z.int().positive(),
        sellerFulfillmentOrderItemId: text,
      }),
    )
    .min(1)
    .max(100),
})
const named = z.object({ sellerFulfillmentOrderId: z.string() })
const tokenRequest = z.intersection(
  z.object({ client_id: text, client_secret: text }),
  z.discriminatedUnion('grant_type', [
    z.object({ grant_type: z.literal('refresh_token'), refresh_token: text }),
    z.object({ grant_type: z.literal('client_credentials') }),
  ]),
)

/** An order as it was received, and its state. Times are epoch ms. */
interface FulfillmentOrder {
  asked: z.output<typeof createRequest>
  receivedAt: number
  checkedAt: number
  isValid: boolean
  cancelledAt: number | null
}

const refusal = (status: number, code: string, message: string): Answer => {
  return { status, body: { errors: [{ code, message, details: '' }] } }
}

/** Parses a path into the reference and the action. */
function route(url: string) {
  const [, target, action] = new RegExp(`^${orders}/([^/?]+)(/cancel)?$`).exec(url) ?? []
  return { target: target && decodeURIComponent(target), isCancel: action !== undefined }
}

/**
 * A fake of fulfillment orders (Selling Partner API, model of 2020-07-01) and of Login with Amazon's token endpoint, which
 * gives a token to any client. A create makes an order; a reference can be used once, and idempotency keys are ignored.
 * An order is `New` until it is checked, then `Received`, or `Invalid` if an item's SKU contains EMPTY.
 * These faults have a special meaning:
 *
 * - `rejectCountries`: orders to them are created, and become `Invalid`.
 * - `asyncMs`: how long the check takes.
 * - `voids: false`, `shipped`: orders are `Processing`, and cancellations are refused.
 * - `unauthorized`: 403, for token requests, too.
 */
export function amazonMcf({ now, serial, recordOf }: VendorHost): VendorProtocol {
  const found = new Map<string, FulfillmentOrder>()
  const unfinished = new Set<string>()
  /** When each token expires, in epoch ms. */
  const tokens = new Map<string, number>()

  const missing = (id: string) => refusal(404, 'NotFound', `There is no fulfillment order ${id}.`)
  const isToken = ({ method, url }: Call) => method === 'POST' && url === tokenPath

  function grant(body: unknown): Answer {
    if (!tokenRequest.safeParse(body).success)
      return { status: 400, body: { error: 'invalid_request', error_description: 'A parameter is missing.' } }
    const token = `Atza|${serial()}`
    tokens.set(token, now() + tokenMs)
    return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: tokenMs / 1000 } }
  }

  function statusOf(order: FulfillmentOrder, { voids, shipped }: Faults) {
    if (order.cancelledAt !== null && order.cancelledAt <= now()) return 'Cancelled'
    if (now() < order.checkedAt) return 'New'
    if (!order.isValid) return 'Invalid'
    return voids && !shipped ? 'Received' : 'Processing'
  }

  function view(order: FulfillmentOrder, faults: Faults): Answer {
    const { items, ...asked } = order.asked
    const fulfillmentOrder = {
      ...asked,
      receivedDate: new Date(order.receivedAt).toISOString(),
      fulfillmentOrderStatus: statusOf(order, faults),
      statusUpdatedDate: new Date(Math.max(order.checkedAt, order.cancelledAt ?? 0)).toISOString(),
    }
    const fulfillmentOrderItems = items.map((item) => ({
      ...item,
      cancelledQuantity: 0,
      unfulfillableQuantity: 0,
    }))
    const payload = { fulfillmentOrder, fulfillmentOrderItems, returnItems: [], returnAuthorizations: [] }
    return { status: 200, body: { payload } }
  }

  function create({ rejectCountries, asyncMs }: Faults, body: unknown): Answer | Later {
    const valid = createRequest.safeParse(body)
    if (!valid.success) {
      const [issue] = valid.error.issues
      return refusal(400, 'InvalidInput', `Value for parameter ${issue?.path.join('.')} is invalid.`)
    }
    const asked = valid.data
    const id = asked.sellerFulfillmentOrderId
    const { addressLine1, countryCode } = asked.destinationAddress
    if (unfinished.has(id) || found.has(id)) {
      const exists = refusal(400, 'InvalidInput', `${id} exists already, for ${addressLine1}.`)
      return { kind: 'repeat', finish: () => exists }
    }
    unfinished.add(id)
    const isStocked = asked.items.every(({ sellerSku }) => !sellerSku.includes('EMPTY'))
    const finish = () => {
      const at = now()
      const isValid = isStocked && !rejectCountries.includes(countryCode)
      found.set(id, { asked, receivedAt: at, checkedAt: at + (asyncMs ?? 0), isValid, cancelledAt: null })
      unfinished.delete(id)
      const record = recordOf(id)
      record.created += 1
      record.id ??= id
      return { status: 200, body: {} }
    }
    return { kind: 'create', finish }
  }

  function cancel(order: FulfillmentOrder, faults: Faults): Answer {
    const id = order.asked.sellerFulfillmentOrderId
    const status = statusOf(order, faults)
    if (status !== 'Received')
      return refusal(400, 'InvalidInput', `${id} is ${status}, and cannot be cancelled.`)
    if (order.cancelledAt === null) {
      order.cancelledAt = now() + cancelMs
      recordOf(id).undoneAt.push(order.cancelledAt)
    }
    return { status: 200, body: {} }
  }

  return {
    refusals: {
      unauthorized: refusal(403, 'Unauthorized', 'Access to requested resource is denied.'),
      overloaded: refusal(429, 'QuotaExceeded', 'You exceeded your quota for the requested resource.'),
      broken: refusal(500, 'InternalFailure', 'We encountered an internal error. Please try again.'),
    },
    isAuthorized: (call) =>
      isToken(call) || (tokens.get(`${call.headers['x-amz-access-token']}`) ?? 0) > now(),
    about(call) {
      const { target } = route(call.url)
      const asked = named.safeParse(call.body).data?.sellerFulfillmentOrderId
      return { reference: asked ?? target ?? null, isCreate: call.method === 'POST' && call.url === orders }
    },
    decide(call, faults) {
      const { method, url, body } = call
      if (isToken(call)) return grant(body)
      if (method === 'POST' && url === orders) return create(faults, body)
      const { target, isCancel } = route(url)
      if (target === undefined || method !== (isCancel ? 'PUT' : 'GET'))
        return refusal(404, 'NotFound', `${method} ${url} is not part of this API.`)
      const finish = () => {
        const order = found.get(target)
        if (order === undefined) return missing(target)
        return isCancel ? cancel(order, faults) : view(order, faults)
      }
      return { finish }
    },
    forgetUnfinished: () => unfinished.clear(),
  }
}
