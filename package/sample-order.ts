import { randomBytes, randomUUID } from 'node:crypto'
import { firstStep, placed } from '../lambdas/domain/chain.ts'
import { fingerprintOf } from '../lambdas/domain/identity.ts'
import type { Order } from '../lambdas/domain/order.ts'
import { type OrderRequest, totalOf } from '../lambdas/domain/order-request.ts'

const usual: OrderRequest = {
  reference: 'shop-1',
  currency: 'USD',
  customer: { name: 'Ada Lovelace', email: 'ada@shop.example', phone: '4155550123' },
  shippingAddress: {
    name: 'Ada Lovelace',
    line1: '179 N Harbor Dr',
    city: 'Redondo Beach',
    region: 'CA',
    postalCode: '90277',
    country: 'US',
  },
  items: [{ sku: 'TEA-1', name: 'Tea', quantity: 2, unitPrice: 1290, weightGrams: 250 }],
}

/** A new order as a step's adapter sees it, with `change` applied to its request. */
export function sampleOrder(change: Partial<OrderRequest> = {}): Order {
  const request = { ...usual, ...change }
  const at = new Date().toISOString()
  return {
    ...request,
    orderId: `ord_${randomBytes(16).toString('hex')}`,
    ownerId: 'shop',
    status: placed.status,
    statusAt: at,
    createdAt: at,
    updatedAt: at,
    // The results of the steps before a warehouse.
    awb: 'AWB-1',
    total: totalOf(request),
    vendors: { [firstStep]: 'vendor' },
    timeline: [{ at, type: placed.status }],
    fingerprint: fingerprintOf(request),
    requestId: randomUUID(),
    correlationId: randomUUID(),
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
    version: 1,
    nonce: '00000',
    made: {},
    attempts: 0,
    round: 0,
    deadLetterings: 0,
  }
}
