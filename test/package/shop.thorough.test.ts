import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import packageJson from '../../package.json' with { type: 'json' }
import type { LedgerEntry } from '../../vendors/protocol.ts'
import { startCloud } from '../e2e/cloud.ts'
import { readLogs } from '../e2e/telemetry/measurements.ts'
import { until } from '../until.ts'
import { follow, type InFlight, readInFlight, takeOver } from './in-flight.ts'
import { installShop } from './shop.ts'

let shop: Awaited<ReturnType<typeof installShop>>
beforeAll(async () => {
  shop = await installShop()
}, 240_000)
afterAll(() => shop?.remove())

test('an application on the package type-checks', async () => {
  await shop.command('tsc', [])
})

test("an order goes through the application's carrier and step, and its listener gets both events", async () => {
  const { folder, orderctl } = shop
  const cloud = await startCloud({ speed: 60, folder, orderctl })
  try {
    const { port } = new URL(cloud.url)
    const printed = await shop.command(process.execPath, [orderctl, 'demo', '--port', port, '--json'])
    const { order } = JSON.parse(printed)
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
    const document = await (await fetch(`${cloud.url}/openapi.json`)).json()
    expect(document).toHaveProperty('components.schemas.Order.properties.status.enum', [
      'CREATED',
      'AWB_GENERATED',
      'GIFT_WRAPPED',
      'READY_FOR_FULFILLMENT',
      'CANCELLING',
      'CANCELLED',
    ])
  } finally {
    await cloud.stop()
  }
})

const earlier = join(import.meta.dirname, 'in-flight')
test.each(globSync('*.json', { cwd: earlier }))(
  'orders that the version of %s left in flight are finished by this one, and nothing is made twice',
  async (file) => {
    const left = readInFlight(join(earlier, file))
    const { folder, orderctl } = shop
    const cloud = await startCloud({ speed: 60, folder, orderctl })
    try {
      const token = await cloud.token()
      await takeOver(cloud, left)
      const end = async (matter: keyof InFlight['orders'], wanted: string) => {
        await follow(cloud, token, left.orders[matter], ({ status }) => status === wanted)
      }
      for (const matter of ['ready', 'unanswered', 'unwrapped', 'unlabelled', 'unheard'] as const)
        await end(matter, 'READY_FOR_FULFILLMENT')
      await end('being cancelled', 'CANCELLED')
      const { attention } = await follow(cloud, token, left.orders.refused, () => true)
      const { port } = new URL(cloud.url)
      const sure = ['--note', 'it delivers there now', '--yes', '--port', port]
      await shop.command(process.execPath, [orderctl, 'dlq', 'redrive', '--all', ...sure])
      await end('refused', 'READY_FOR_FULFILLMENT')

      expect(attention).toMatchObject({ state: 'dead-lettered', reason: 'ADDRESS_NOT_SERVED' })
      const made = async (vendor: string) => {
        const { body } = await cloud.request<{ entries: LedgerEntry[] }>(
          'GET',
          `/_local/vendors/${vendor}/ledger`,
        )
        return Object.fromEntries(body.entries.map(({ reference, created }) => [reference, created]))
      }
      const { refused, unanswered, unwrapped, unlabelled, unheard } = left.orders
      // Nothing that the old version's vendors had made is requested again.
      expect(await made('parcel-post')).toEqual({ [unlabelled]: 1, [unheard]: 1 })
      expect(await made('wrapper')).toEqual({ [unwrapped]: 1, [unlabelled]: 1, [unheard]: 1 })
      expect(await made('warehouse')).toEqual({
        [refused]: 1,
        [unanswered]: 1,
        [unwrapped]: 1,
        [unlabelled]: 1,
        [unheard]: 1,
      })
    } finally {
      await cloud.stop()
    }
  },
)

test("its own adapter passes the package's test kit: it keeps the contract and survives every crash", async () => {
  await shop.command(process.execPath, ['--test', 'test/vendors.test.ts'])
})

test('the examples of its other names type-check, synthesize and run', async () => {
  cpSync(join(import.meta.dirname, '..', '..', 'examples', 'parts'), shop.folder, { recursive: true })
  await shop.command('tsc', [])
  await shop.command('cdk', ['synth', '--quiet', '--app', 'node bin/parts.ts', '--output', 'parts'])
  await shop.command(process.execPath, ['--test', 'test/pigeon-post.test.ts'])

  expect(globSync('orders-*.template.json', { cwd: join(shop.folder, 'parts') }).sort()).toEqual([
    'orders-code.template.json',
    'orders-data.template.json',
  ])
})

test('dev synthesizes simulators of its simulated vendors from the package', async () => {
  const environments = join(shop.folder, 'bin', 'environments.ts')
  const asWritten = readFileSync(environments, 'utf8')
  writeFileSync(environments, asWritten.replace('https://sandbox.warehouse.example', 'simulator'))
  await shop.command('cdk', ['synth', '--quiet', '--output', 'simulated'])
  const assembly = join(shop.folder, 'simulated')
  const { Resources } = JSON.parse(
    readFileSync(join(assembly, 'create-order-dev-vendors.template.json'), 'utf8'),
  )
  const functions = Object.values<{ Type: string }>(Resources).filter(
    ({ Type }) => Type === 'AWS::Lambda::Function',
  )

  expect(functions).toMatchObject([
    { Properties: { Environment: { Variables: { VENDOR_NAME: 'warehouse', STEP: 'wms' } } } },
  ])
  expect(globSync('asset.*/contract-simulator.cjs', { cwd: assembly })).toHaveLength(1)
})

test('its repository has fewer than 150 lines of TypeScript, and installs this version', () => {
  const folder = join(import.meta.dirname, '..', '..', 'examples', 'shop')
  const lines = globSync('**/*.ts', { cwd: folder, exclude: ['node_modules'] }).flatMap((file) =>
    readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'),
  )
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

  expect(lines.length).toBeLessThan(150)
  expect(dependencies['create-order']).toBe(`file:../../create-order-${packageJson.version}.tgz`)
})
