import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startCloud } from '../e2e/cloud.ts'
import { readLogs } from '../e2e/telemetry/measurements.ts'
import { until } from '../until.ts'
import { installShop } from './shop.ts'

let shop: Awaited<ReturnType<typeof installShop>>
beforeAll(async () => {
  shop = await installShop()
}, 240_000)
afterAll(() => shop?.remove())

test('an application on the package has right types', async () => {
  await shop.command('tsc', [])
})

test('an order goes through its own carrier and its own step, and its listener hears of both', async () => {
  const orderctl = join(shop.folder, 'node_modules', 'create-order', 'ops', 'orderctl.js')
  const cloud = await startCloud({ speed: 60, folder: shop.folder, orderctl })
  try {
    const { port } = new URL(cloud.url)
    const { stdout } = await shop.command(process.execPath, [orderctl, 'demo', '--port', port, '--json'])
    const { order } = JSON.parse(stdout)
    const logs = await until(
      () => readLogs(cloud, 'notify-shop'),
      (lines) => lines.some(({ line }) => line.includes('leaves with')),
    )

    expect(order).toMatchObject({ status: 'READY_FOR_FULFILLMENT', awb: expect.stringMatching(/^PP/) })
    expect(order.timeline.map(({ type }: { type: string }) => type)).toEqual([
      'CREATED',
      'AWB_GENERATED',
      'GIFT_WRAPPED',
      'READY_FOR_FULFILLMENT',
    ])
    const said = logs.map(({ line }) => line)
    expect(said).toContain(`${order.orderId} is wrapped`)
    expect(said).toContain(`${order.orderId} leaves with ${order.awb}`)
  } finally {
    await cloud.stop()
  }
})

test('its own adapter survives every crash, by the test kit of the package', async () => {
  await shop.command(process.execPath, ['--test', 'test/vendors.test.ts'])
})
