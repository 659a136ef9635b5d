import { afterAll, beforeAll, expect, test } from '@jest/globals'
import createClient, { type Client } from 'openapi-fetch'
import { until } from '../until.ts'
import { type Cloud, startCloud } from './cloud.ts'
import type { components, paths } from './orders-api.d.ts'

let cloud: Cloud
let client: Client<paths>

beforeAll(async () => {
  cloud = await startCloud()
  const headers = { authorization: `Bearer ${await cloud.token('shop-with-client')}` }
  client = createClient<paths>({ baseUrl: cloud.url, headers })
})
afterAll(() => cloud?.stop())

const order: components['schemas']['OrderRequest'] = {
  reference: '10249',
  currency: 'USD',
  customer: { name: 'Karin Josephs', company: 'Toms Spezialitäten', phone: '0251-031259' },
  shippingAddress: {
    name: 'Toms Spezialitäten',
    line1: 'Luisenstr. 48',
    city: 'Münster',
    postalCode: '44087',
    country: 'DE',
  },
  items: [
    { sku: 'NW-014', name: 'Tofu', quantity: 9, unitPrice: 1860 },
    { sku: 'NW-051', name: 'Manjimup Dried Apples', quantity: 40, unitPrice: 4240 },
  ],
}

const get = async (orderId: string) => {
  const { data } = await client.GET('/orders/{orderId}', { params: { path: { orderId } } })
  if (data === undefined) throw new Error(`The client does not find ${orderId}`)
  return data
}

test('the client that openapi.json generates places an order and follows it until the warehouse has it', async () => {
  const placed = await client.POST('/orders', {
    params: { header: { 'Idempotency-Key': 'client-1', 'x-correlation-id': 'checkout-1' } },
    body: order,
  })

  expect(placed.response.status).toBe(201)
  expect(placed.data?.total).toBe(9 * 1860 + 40 * 4240)
  const orderId = placed.data?.orderId ?? ''
  const ready = await until(
    () => get(orderId),
    ({ status }) => status === 'READY_FOR_FULFILLMENT',
  )
  expect(ready.timeline.map(({ type }) => type)).toEqual([
    'CREATED',
    'AWB_GENERATED',
    'READY_FOR_FULFILLMENT',
  ])
  const { data: page } = await client.GET('/orders', { params: { query: { limit: 1 } } })
  expect(page?.orders).toEqual([ready])
})

test('the generated client corrects the address of an order that the carrier refuses, and cancels it', async () => {
  await cloud.faults('logistics', { rejectCountries: ['DE'] })
  const { data: placed } = await client.POST('/orders', { body: { ...order, reference: 'to be refused' } })
  const params = { path: { orderId: placed?.orderId ?? '' } }
  const refused = await until(
    () => get(params.path.orderId),
    ({ attention }) => attention?.state === 'dead-lettered',
  )

  const corrected = await client.PATCH('/orders/{orderId}', {
    params,
    body: { shippingAddress: { city: 'Innsbruck', postalCode: '6020', country: 'AT' } },
  })
  const cancelled = await client.POST('/orders/{orderId}/cancellation', { params })
  await cloud.faults('logistics', { rejectCountries: [] })

  expect(refused).toMatchObject({ status: 'CREATED', attention: { step: 'logistics' } })
  expect(corrected.data?.shippingAddress?.country).toBe('AT')
  expect(cancelled.data?.status).toBe('CANCELLED')
})

test('the generated client knows every error by its type', async () => {
  const wrong = await client.POST('/orders', { body: { ...order, items: [] } })
  const unknown = await client.GET('/orders/{orderId}', {
    params: { path: { orderId: `ord_${'0'.repeat(32)}` } },
  })

  if (wrong.error === undefined || !('errors' in wrong.error)) throw new Error('No field is named')
  expect(wrong.error.errors).toEqual([{ path: 'items', message: expect.any(String) }])
  expect(unknown.response.status).toBe(404)
  if (unknown.error === undefined || !('title' in unknown.error)) throw new Error('No problem details')
  expect(unknown.error.title).toBe('Not Found')
})
