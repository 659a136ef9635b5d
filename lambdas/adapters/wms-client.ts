import * as z from 'zod/mini'
import type { Order } from '../domain/order.ts'
import { createVendorClient, type VendorClient } from './vendor-client.ts'
import type { VendorHttp } from './vendor-http.ts'

const answer = z.object({ wmsReference: z.string().check(z.minLength(1), z.maxLength(100)) })
/** What the warehouse gives an order: its own number for the shipment. */
export type Shipment = z.output<typeof answer>

function requestFor({ orderId, awb, items, shippingAddress, shippingService }: Order) {
  return {
    reference: orderId,
    awb,
    items: items.map(({ sku, name, quantity }) => ({ sku, name, quantity })),
    shippingAddress,
    shippingService,
  }
}

/** Asks the warehouse for shipments: docs/wms-api.openapi.json. */
export const createWmsClient = (http: VendorHttp): VendorClient<Shipment> =>
  createVendorClient(http, { path: '/shipments', answer, requestFor })
