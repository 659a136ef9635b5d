import * as z from 'zod/mini'
import { weightOf } from '../domain/limits.ts'
import { goodsValueOf } from '../domain/order-request.ts'
import { ifReadable, visibleText } from './parse.ts'
import { createVendorClient, type VendorClient, type VendorCodes, type VendorJob } from './vendor-client.ts'
import type { VendorHttp } from './vendor-http.ts'

/** An address that a browser may be sent to, percent-encoded: no `javascript:`, and nothing that cannot be seen. */
export const webUrl = z.url({ protocol: /^https?$/, normalize: true }).check(z.maxLength(1000))

/** The tracking number (air waybill), and where a buyer can follow it. */
export const facts = z.object({
  awb: visibleText(100),
  // One that is no web address is left out: the AWB is made all the same.
  trackingUrl: ifReadable(webUrl),
})

function requestFor({ order, reference }: VendorJob) {
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
  createVendorClient(http, { path: '/awbs', facts, requestVersion: 1, requestFor, codes })
