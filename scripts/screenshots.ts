import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from '@commander-js/extra-typings'
import type { Page } from 'playwright-core'
import { hasChromium, launch, openPage } from '../test/browser/browser.ts'
import { type Cloud, startCloud } from '../test/e2e/cloud.ts'
import { sampleOrder } from '../test/e2e/orders.ts'
import { until } from '../test/until.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'docs', 'images')
const [width, height] = [1440, 900]
const run = Date.now().toString(36)
let placed = 0

/** The pause between two orders. Without it the pictures would show a busy machine, not the pipeline. */
const everyMs = 50

const place = async (cloud: Cloud, count: number, change: object = {}): Promise<string[]> => {
  const token = await cloud.token()
  const orderIds: string[] = []
  for (let i = 0; i < count; i += 1) {
    placed += 1
    const order = { ...sampleOrder(`${10_000 + placed}-${run}`, placed), ...change }
    orderIds.push((await cloud.place(token, order)).body.orderId)
    await sleep(everyMs)
  }
  return orderIds
}

/**
 * Requires that the page's figures agree: both figures of what a click takes, at most twice the README's median since the
 * page uses the machine, too, and as many orders placed as listed.
 */
const requireAgreement = async (page: Page): Promise<void> => {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, claimed = ''] = /p50 \/ p95 \/ p99 of \*\*(\d+)/.exec(readme) ?? []
  const figures = async () => {
    const [typically = '', median = '', placed = '', listed = ''] = await Promise.all(
      [
        page.getByText(/^typically /),
        page
          .getByRole('row', { name: /Measured/ })
          .getByRole('cell')
          .first(),
        page.locator('.figures div', { hasText: 'Placed in the last minute' }).locator('dd'),
        page.getByText(/\d+ to \d+ of \d+$/),
      ].map((part) => part.innerText()),
    )
    return {
      typically: typically.replace('typically ', ''),
      median,
      placed,
      listed: listed.replace(/.* of /s, ''),
    }
  }
  const shown = await until(
    figures,
    ({ typically, median, placed, listed }) => typically === median && placed === listed,
  )
  console.log(`A click typically takes ${shown.median} on the page; the README says ${claimed} ms.`)
  if (!(/ ms$/.test(shown.median) && Number.parseFloat(shown.median) <= 2 * Number(claimed)))
    throw new Error('The figures in the pictures would not agree with that.')
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
    await cloud.faults('logistics', { latencyMs: 300 })
    await cloud.faults('wms', { latencyMs: 800 })
    await place(cloud, 50)
    const viewport = { width, height }
    const { page: light } = await openPage(browser, cloud.url, { viewport })
    await isPast(/HTTP API/, light)
    await place(cloud, 200)
    await requireAgreement(light)
    const flowing = place(cloud, 30)
    await light.locator('.wires .ok').nth(3).waitFor({ state: 'attached' })
    await save(light, 'console')
    await flowing
    await save(light, 'latency', '#latency')

    const { page: dark } = await openPage(browser, cloud.url, { viewport, colorScheme: 'dark' })
    const { page: phone } = await openPage(browser, cloud.url, { viewport: { width: 360, height: 780 } })
    for (const page of [dark, phone]) await isPast(/HTTP API/, page)
    await cloud.faults('logistics', { down: true })
    await place(cloud, 40)
    await isPast(/circuit open/, dark)
    await isPast(/orders waiting/, dark)
    await isPast(/^waiting for/, dark)
    await save(dark, 'outage')
    await save(phone, 'phone')

    await cloud.faults('logistics', { down: false, latencyMs: 20, rejectCountries: ['FR'] })
    await place(cloud, 2, { shippingAddress: { name: 'A', line1: '1 rue A', city: 'Paris', country: 'FR' } })
    await light.locator('#dead-letters', { hasText: 'ADDRESS_NOT_SERVED' }).waitFor({ timeout: 60_000 })
    await save(light, 'dead-letters', '#dead-letters')

    await cloud.faults('logistics', { rejectCountries: [] })
    // Wait until all other orders are done: their failures would open the circuit, and this order would not retry.
    await light
      .locator('.figures div', { hasText: 'In progress' })
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
    await light.setViewportSize({ width, height: 1400 })
    await light.goto(`${cloud.url}/?order=${orderId}`)
    await isPast(/: ready for fulfillment/, light)
    await save(light, 'order', 'dialog')

    await light.setViewportSize(viewport)
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
    'Takes the pictures of the documentation from the running console, and overwrites docs/images. They show figures, so only if the median click agrees with the README: on an idle machine.',
  )
  .action(main)
  .parseAsync()
