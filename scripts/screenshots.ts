import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import type { Page } from 'playwright-core'
import { hasChromium, launch, openPage } from '../test/browser/browser.ts'
import { type Cloud, startCloud } from '../test/e2e/cloud.ts'
import { sampleOrder } from '../test/e2e/orders.ts'
import { until } from '../test/until.ts'

const folder = join(import.meta.dirname, '..', 'docs', 'images')
const [width, height] = [1280, 860]
const run = Date.now().toString(36)
let placed = 0

const place = async (cloud: Cloud, count: number, change: object = {}): Promise<string[]> => {
  const token = await cloud.token()
  const ids: string[] = []
  for (let i = 0; i < count; i += 1) {
    placed += 1
    const order = { ...sampleOrder(`${10_000 + placed}-${run}`, placed), ...change }
    ids.push((await cloud.place(token, order)).body.orderId)
  }
  return ids
}

const isPast = (text: RegExp, page: Page) => page.getByText(text).first().waitFor({ timeout: 60_000 })

const main = async (): Promise<void> => {
  if (!hasChromium) throw new Error('Pictures need Chromium.')
  await mkdir(folder, { recursive: true })
  const [cloud, browser] = await Promise.all([startCloud({ speed: 20 }), launch()])
  const save = async (page: Page, name: string, selector?: string) => {
    const path = join(folder, `${name}.png`)
    await (selector ? page.locator(selector).screenshot({ path }) : page.screenshot({ path }))
    console.log(`docs/images/${name}.png`)
  }
  try {
    const viewport = { width, height }
    const { page: light } = await openPage(browser, cloud.url, { viewport })
    const { page: dark } = await openPage(browser, cloud.url, { viewport, colorScheme: 'dark' })
    const { page: phone } = await openPage(browser, cloud.url, { viewport: { width: 360, height: 780 } })
    for (const page of [light, dark, phone]) await isPast(/HTTP API/, page)

    await cloud.faults('logistics', { latencyMs: 150 })
    await cloud.faults('wms', { latencyMs: 250 })
    await place(cloud, 20)
    const flowing = place(cloud, 30)
    await light.locator('.dots .dot').nth(8).waitFor({ state: 'attached' })
    await save(light, 'console')
    await flowing
    await save(light, 'latency', '#latency')

    await cloud.faults('logistics', { down: true })
    await place(cloud, 40)
    await isPast(/circuit open/, dark)
    await isPast(/orders wait/, dark)
    await save(dark, 'outage')
    await save(phone, 'phone')

    await cloud.faults('logistics', { down: false, latencyMs: 20, rejectCountries: ['FR'] })
    await place(cloud, 2, { shippingAddress: { name: 'A', line1: '1 rue A', city: 'Paris', country: 'FR' } })
    await isPast(/ADDRESS_NOT_SERVED/, light)
    await save(light, 'dead-letters', '#dead-letters')

    await cloud.faults('logistics', { rejectCountries: [] })
    // The others first: theirs would open the circuit, and an order that waits makes no attempts.
    await light
      .locator('.figures div', { hasText: 'On their way' })
      .getByText(/^0$/)
      .waitFor({ timeout: 120_000 })
    await cloud.faults('wms', { errorRate: 1, latencyMs: 40 })
    const [orderId = ''] = await place(cloud, 1)
    const token = await cloud.token()
    await until(
      () => cloud.order(token, orderId),
      ({ timeline }) => timeline.filter(({ type }) => type === 'ATTEMPT_FAILED').length >= 3,
    )
    await cloud.faults('wms', { errorRate: 0 })
    await cloud.follow(token, orderId, ({ status }) => status === 'READY_FOR_FULFILLMENT')
    await light.goto(`${cloud.url}/?order=${orderId}`)
    await isPast(/Ready: the warehouse/, light)
    await save(light, 'order', 'dialog')

    await light.goto(`${cloud.url}/docs`)
    await isPast(/Authorized as/, light)
    await save(light, 'api-docs')
  } finally {
    await browser.close()
    await cloud.stop()
  }
}

await new Command('npm run screenshots')
  .description(
    'Takes the pictures of the documentation from the running console, and overwrites docs/images.',
  )
  .action(main)
  .parseAsync()
