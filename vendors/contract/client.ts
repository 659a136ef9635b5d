import * as z from 'zod/mini'
import { ifReadable, visibleText, webUrl } from '../../lambdas/adapters/parse.ts'
import {
  type CreateClient,
  classifyReply,
  type VendorClient,
  type VendorCodes,
  type VendorJob,
} from '../../lambdas/adapters/vendor-client.ts'
import type { Reply, VendorHttp } from '../../lambdas/adapters/vendor-http.ts'
import { weightOf } from '../../lambdas/domain/limits.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { goodsValueOf } from '../../lambdas/domain/order-request.ts'
import type { Meaning, VendorFacts } from '../../lambdas/domain/vendor-answer.ts'

const envelope = z.object({ reference: z.optional(z.string()), status: z.optional(z.string()) })
/** A thing in one of these states will never be delivered or shipped. */
const unusable = new Set(['cancelled', 'canceled', 'failed', 'voided'])

/** The meaning of a 2xx: it must have the fields that we need, for our reference, and must not be cancelled. */
function meaningOfSuccess(
  body: unknown,
  { reference }: VendorJob,
  facts: z.ZodMiniType<VendorFacts>,
): Meaning {
  const answered = z.safeParse(facts, body)
  const about = z.safeParse(envelope, body)
  if (!answered.success || !about.success)
    return { made: 'unknown', blame: 'unclear', reason: 'UNREADABLE_ANSWER' }
  if (about.data.reference !== undefined && about.data.reference !== reference)
    return { made: 'unknown', blame: 'unclear', reason: 'FOREIGN_REFERENCE' }
  const isUnusable = unusable.has(about.data.status?.toLowerCase() ?? '')
  return {
    made: 'yes',
    blame: isUnusable ? 'order' : 'nobody',
    reason: isUnusable ? 'CANCELLED_BY_VENDOR' : 'MADE',
    facts: answered.data,
  }
}

/** A client of a vendor whose API follows docs/vendor-contract.md. */
export function createVendorClient(
  http: VendorHttp,
  resource: {
    path: string
    facts: z.ZodMiniType<VendorFacts>
    requestVersion: number
    requestFor: (job: VendorJob) => unknown
    codes: VendorCodes
  },
): VendorClient {
  const { path, facts, requestVersion, requestFor, codes } = resource
  const pathOf = ({ reference }: VendorJob) => `${path}/${encodeURIComponent(reference)}`
  const meaningOf = (reply: Reply, call: 'create' | 'look-up' | 'cancel', job: VendorJob) =>
    classifyReply(reply, call, codes, (body) => meaningOfSuccess(body, job, facts))
  return {
    requestVersion,
    create: async (job) => meaningOf(await http('POST', path, requestFor(job), job.reference), 'create', job),
    lookUp: async (job) => meaningOf(await http('GET', pathOf(job)), 'look-up', job),
    cancel: async (job) => meaningOf(await http('DELETE', pathOf(job)), 'cancel', job),
  }
}

/** The tracking number (air waybill), and where a buyer can follow it. */
export const carrierFacts = z.object({
  awb: visibleText(100),
  // An invalid URL is left out, because the AWB exists all the same.
  trackingUrl: ifReadable(webUrl()),
})

function awbRequest({ order, reference }: VendorJob) {
  const { shippingService, customer, shippingAddress, items, currency } = order
  const { name, company, phone = customer.phone, email = customer.email, ...address } = shippingAddress
  return {
    reference,
    shippingService,
    recipient: { name, company, phone, email, address },
    parcel: { weightGrams: weightOf(order), items },
    declaredValue: { amount: goodsValueOf(order), currency },
  }
}

/** Asks the carrier for AWBs: docs/logistics-api.openapi.json. */
export const createLogisticsClient = (http: VendorHttp, codes: VendorCodes): VendorClient =>
  createVendorClient(http, {
    path: '/awbs',
    facts: carrierFacts,
    requestVersion: 1,
    requestFor: awbRequest,
    codes,
  })

/** The warehouse's own number for the shipment. */
export const warehouseFacts = z.object({ wmsReference: visibleText(100) })

function shipmentRequest({ order, reference }: VendorJob) {
  const { awb, items, shippingAddress, shippingService } = order
  return {
    reference,
    awb,
    items: items.map(({ sku, name, quantity }) => ({ sku, name, quantity })),
    shippingAddress,
    shippingService,
  }
}

/** Asks the warehouse for shipments: docs/wms-api.openapi.json. */
export const createWmsClient = (http: VendorHttp, codes: VendorCodes): VendorClient =>
  createVendorClient(http, {
    path: '/shipments',
    facts: warehouseFacts,
    requestVersion: 1,
    requestFor: shipmentRequest,
    codes,
  })

/**
 * Creates clients for vendors of an application's own step. Things are in a collection such as `/clearances`, each
 * with its identifier in a field such as `clearance`, which the order keeps in its `facts`. A request has the reference
 * and what `requestFor` returns for an order; raise `requestVersion` when that changes.
 */
export const contractAt =
  (path: string, field: string, requestFor: (order: Order) => object, requestVersion = 1): CreateClient =>
  (http, codes) =>
    createVendorClient(http, {
      path,
      facts: z.pipe(
        z.object({ [field]: visibleText(100) }),
        z.transform((facts) => ({ facts })),
      ),
      requestVersion,
      requestFor: ({ reference, order }) => ({ reference, ...requestFor(order) }),
      codes,
    })
