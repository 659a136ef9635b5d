import * as z from 'zod/mini'
import { visibleText } from './parse.ts'
import { createVendorClient, type VendorClient, type VendorCodes, type VendorJob } from './vendor-client.ts'
import type { VendorHttp } from './vendor-http.ts'

/** The warehouse's own number for the shipment. */
export const facts = z.object({ wmsReference: visibleText(100) })

function requestFor({ order, reference }: VendorJob) {
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
  createVendorClient(http, { path: '/shipments', facts, requestVersion: 1, requestFor, codes })
