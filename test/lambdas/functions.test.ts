import { beforeAll, expect, test } from '@jest/globals'
import { eventForStatus, eventOf } from '../../lambdas/domain/events.ts'
import { nextStatuses } from '../../lambdas/domain/status.ts'
import { storedOrder } from '../builders.ts'
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

test('each step takes up the event of the status that it begins with, and ends in one that may follow', async () => {
  const { logisticsStep } = await functions['logistics-worker']()
  const { wmsStep } = await functions['wms-worker']()

  for (const step of [logisticsStep, wmsStep]) {
    expect(eventForStatus[step.from]).toEqual({ detailType: step.consumes, consumer: step.name })
    expect(eventOf(storedOrder({ status: step.from })).detailType).toBe(step.consumes)
    expect(nextStatuses[step.from]).toContain(step.to)
  }
  expect(wmsStep.from).toBe(logisticsStep.to)
})

test('each step keeps what its vendor gave the order', async () => {
  const { logisticsStep } = await functions['logistics-worker']()
  const { wmsStep } = await functions['wms-worker']()

  const awb = { awb: 'AWB-1', trackingUrl: 'https://carrier.example/AWB-1' }
  expect(logisticsStep.facts(awb)).toEqual(awb)
  expect(wmsStep.facts({ wmsReference: 'W-1' })).toEqual({ wmsReference: 'W-1' })
})
