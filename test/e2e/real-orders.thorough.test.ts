import { afterAll, beforeAll, test } from '@jest/globals'
import { type Cloud, startCloud } from './cloud.ts'
import { realOrders } from './orders.ts'
import { placeTwice } from './place-twice.ts'

let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
})
afterAll(() => cloud?.stop())

test('all the real orders, placed twice, become one order, one AWB and one shipment each, by exactly one create call', async () => {
  await placeTwice(cloud, realOrders)
})
