import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type Cloud, type OrderView, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'

let cloud: Cloud
let token: string
beforeAll(async () => {
  cloud = await startCloud({ speed: 60 })
  token = await cloud.token()
})
afterAll(() => cloud?.stop())
afterEach(() => cloud.faults('easypost', noTrouble))

const noTrouble = {
  down: false,
  rateLimitPerSecond: null,
  timeoutAfterWork: false,
  unauthorized: false,
  rejectCountries: [],
  shipped: false,
}
const place = async (reference: string, shippingService = 'express') =>
  (await cloud.place(token, { ...sampleOrder(reference), shippingService })).body.orderId
const isReady = ({ status }: OrderView) => status === 'READY_FOR_FULFILLMENT'
const reasonIs = (reason: string) => (order: OrderView) => order.attention?.reason === reason
const madeFor = async (orderId: string) =>
  (await cloud.ledger('easypost')).find(({ reference }) => reference === orderId)
const cancel = (orderId: string) =>
  cloud.request('POST', `/orders/${orderId}/cancellation`, { headers: { authorization: `Bearer ${token}` } })

test('an express order gets a label from EasyPost, and other orders an AWB from the first carrier', async () => {
  const [express, usual] = [await place('ep-1'), await place('ep-2', 'economy')]
  const order = await cloud.follow(token, express, isReady)
  await cloud.follow(token, usual, isReady)

  expect(order).toMatchObject({
    awb: (await madeFor(express))?.id,
    label: { format: 'application/pdf' },
    carrierService: expect.stringContaining('USPS'),
    labelPrice: { currency: 'USD' },
  })
  expect(await madeFor(express)).toMatchObject({ createCalls: 1, created: 1 })
  expect(await madeFor(usual)).toBeUndefined()
})

test('a purchase that got no response is found again, and nothing is bought twice', async () => {
  await cloud.faults('easypost', { timeoutAfterWork: true })
  const orderId = await place('ep-3')
  await cloud.follow(token, orderId, ({ timeline }) => timeline.some(({ reason }) => reason === 'TIME_OUT'))
  await cloud.faults('easypost', { timeoutAfterWork: false })
  await cloud.follow(token, orderId, isReady)

  expect(await madeFor(orderId)).toMatchObject({ created: 1 })
})

test('an order without rates is dead-lettered with its reason', async () => {
  const { shippingAddress } = sampleOrder('ep-5')
  await cloud.faults('easypost', { rejectCountries: [shippingAddress.country] })
  const orderId = await place('ep-5')

  await cloud.follow(token, orderId, reasonIs('NO_RATES'))
  expect(await madeFor(orderId)).toBeUndefined()
})

test('with a wrong API key the order waits, and continues with the right one', async () => {
  await cloud.faults('easypost', { unauthorized: true })
  const orderId = await place('ep-6')
  await cloud.follow(token, orderId, reasonIs('CREDENTIAL_REFUSED'))
  await cloud.faults('easypost', { unauthorized: false })

  await cloud.follow(token, orderId, isReady)
})

test('a cancelled order gets its label refunded', async () => {
  const orderId = await place('ep-7')
  await cloud.follow(token, orderId, isReady)

  expect((await cancel(orderId)).status).toBe(202)
  await cloud.follow(token, orderId, ({ status }) => status === 'CANCELLED')
  expect(await madeFor(orderId)).toMatchObject({ created: 1, voided: 1 })
})

test('an order whose label has been used can no longer be cancelled', async () => {
  const orderId = await place('ep-8')
  await cloud.follow(token, orderId, isReady)
  await cloud.faults('easypost', { shipped: true })
  await cloud.faults('wms', { shipped: false })
  await cancel(orderId)

  await cloud.follow(token, orderId, reasonIs('TOO_LATE'))
  expect(await madeFor(orderId)).toMatchObject({ voided: 0 })
})
