import { beforeAll, expect, test } from '@jest/globals'
import { environment } from './environment.ts'

const functions = {
  'cancel-order': () => import('../../lambdas/cancel-order.ts'),
  'change-shipping-address': () => import('../../lambdas/change-shipping-address.ts'),
  'create-order': () => import('../../lambdas/create-order.ts'),
  'get-order': () => import('../../lambdas/get-order.ts'),
  'list-orders': () => import('../../lambdas/list-orders.ts'),
  'logistics-worker': () => import('../../lambdas/logistics-worker.ts'),
  'outbox-relay': () => import('../../lambdas/outbox-relay.ts'),
  'wms-worker': () => import('../../lambdas/wms-worker.ts'),
}

beforeAll(() => {
  Object.assign(process.env, environment)
})

test.each(Object.entries(functions))('%s starts in its environment, and has a handler', async (_, load) => {
  expect(await load()).toMatchObject({ handler: expect.any(Function) })
})

test('each step keeps what its vendor gave the order', async () => {
  const { logisticsStep } = await functions['logistics-worker']()
  const { wmsStep } = await functions['wms-worker']()

  const awb = { awb: 'AWB-1', trackingUrl: 'https://carrier.example/AWB-1' }
  expect(logisticsStep.facts(awb)).toEqual(awb)
  expect(wmsStep.facts({ wmsReference: 'W-1' })).toEqual({ wmsReference: 'W-1' })
})
