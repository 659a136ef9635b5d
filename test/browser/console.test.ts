import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type Cloud, startCloud } from '../e2e/cloud.ts'
import { hasChromium, launch, openPage } from './browser.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let cloud: Cloud
let browser: Browser
let problems: string[] = []

const open = async (path = '/', options: BrowserContextOptions = {}): Promise<Page> => {
  const opened = await openPage(browser, `${cloud.url}${path}`, options)
  problems = opened.problems
  return opened.page
}
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const card = (page: Page, name: string) => region(page, 'Pipeline').getByRole('group', { name, exact: true })
const vendorFaults = (page: Page, name: string) => region(page, 'Faults').getByRole('group', { name })

/** Places what the form holds; answers the order's dialog. */
const placeOne = async (page: Page, country?: string) => {
  const form = region(page, 'Place orders')
  if (country) await form.getByLabel('Country').fill(country)
  await form.getByRole('button', { name: /^Place order ·/ }).click()
  await form.getByRole('button', { name: /^Follow/ }).click()
  return page.getByRole('dialog')
}

const isReady = (page: Page) =>
  page.getByRole('dialog').getByRole('status').getByText('ready', { exact: true })

const placeMany = async (page: Page, count: number) => {
  const form = region(page, 'Place orders')
  await form.getByLabel('How many').selectOption(String(count))
  await form.getByRole('slider', { name: /a second/ }).fill('50')
  await form.getByRole('button', { name: `Place ${count} orders` }).click()
  await form.getByText(`${count} of ${count} placed`).waitFor()
}

const figure = (page: Page, name: string, value: RegExp) =>
  region(page, 'Pipeline')
    .locator('.figures div', { hasText: name })
    .getByText(value)
    .waitFor({ timeout: 60_000 })

const inBrowser = hasChromium ? describe : describe.skip

inBrowser('the console', () => {
  beforeAll(async () => {
    ;[cloud, browser] = await Promise.all([startCloud({ speed: 20 }), launch()])
  })
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close()
    for (const vendor of ['logistics', 'wms'] as const)
      await cloud.faults(vendor, { down: false, latencyMs: 0, errorRate: 0, rejectCountries: [] })
    expect(problems).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await cloud?.stop()
  })

  test('draws every queue, worker and vendor of the templates', async () => {
    const page = await open()

    for (const name of [
      'HTTP API',
      'create-order',
      'OrderTable',
      'outbox-relay',
      'Bus',
      /LogisticsCarrier\/Queue/,
      /WmsWarehouse\/Queue/,
    ])
      await region(page, 'Pipeline').getByRole('group', { name }).waitFor()
    for (const name of ['logistics-worker of carrier', 'wms-worker of warehouse', 'Carrier', 'Warehouse'])
      await card(page, name).waitFor()
    await region(page, 'Pipeline').locator('path.rule').nth(1).waitFor({ state: 'attached' })
  })

  test('places an order and shows it arrive, with its timeline, waterfall and events', async () => {
    const page = await open()

    const dialog = await placeOne(page)
    await isReady(page).waitFor()

    await dialog.getByText('Ready: the warehouse has it').waitFor()
    await dialog.getByText('Carrier called: 201').waitFor()
    await dialog.getByText('POST /orders').waitFor()
    await dialog.getByText('READY_FOR_FULFILLMENT').first().click()
    await dialog.getByText('"wmsReference"').waitFor()
    await page.keyboard.press('Escape')
    await region(page, 'Latest orders').getByText('ready', { exact: true }).first().waitFor()
    await region(page, 'What a click costs').getByText('Had it waited for both vendors').waitFor()
  })

  test('cancels an order that is ready, and shows what its vendors undo', async () => {
    const page = await open()
    const dialog = await placeOne(page)
    await isReady(page).waitFor()

    await dialog.getByRole('button', { name: 'Cancel the order' }).click()

    await dialog.getByText('The carrier has undone its work').waitFor()
    await dialog.getByText('Warehouse asked to undo: 200').waitFor()
    await dialog.getByText('bus, queue of warehouse').first().waitFor()
    await dialog.getByRole('status').getByText('cancelled', { exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Cancel the order' }).waitFor({ state: 'detached' })
  })

  test('sends the same click again and gets the same order', async () => {
    const page = await open()
    const form = region(page, 'Place orders')

    await form.getByRole('button', { name: /^Place order ·/ }).click()
    await form.getByRole('button', { name: 'Send the same click again' }).click()

    await form.getByText(/The same order again/).waitFor()
  })

  test('shows the breaker open and orders wait while the carrier is down, and drain when it is back', async () => {
    const page = await open()
    await vendorFaults(page, 'Carrier').getByLabel('Down').check()

    await placeMany(page, 20)
    await card(page, 'Carrier')
      .getByText(/circuit open, \d/)
      .waitFor()
    await card(page, 'Carrier')
      .getByText(/orders? waits?/)
      .waitFor()
    await figure(page, 'Waiting for a vendor', /^[1-9]/)
    await region(page, 'Latest orders').getByText('waits for the carrier').first().waitFor()

    await vendorFaults(page, 'Carrier').getByRole('button', { name: 'Mend the carrier' }).click()
    // A circuit stays open for 15 s at this speed if the orders took long to place, and the relay comes after it.
    await card(page, 'Carrier').getByText('circuit closed').waitFor({ timeout: 60_000 })
    await figure(page, 'On their way', /^0$/)
    await figure(page, 'Dead-lettered', /^0$/)
  })

  test('dead-letters an order that the carrier refuses, and redrives it', async () => {
    const page = await open()
    await vendorFaults(page, 'Carrier').getByLabel('Not to').fill('fr')
    await vendorFaults(page, 'Carrier').getByLabel('Not to').press('Tab')
    await card(page, 'Carrier').getByText('not to FR').waitFor()

    const dialog = await placeOne(page, 'FR')
    await dialog.getByText('dead: ADDRESS_NOT_SERVED').waitFor()
    await page.keyboard.press('Escape')
    const letters = region(page, 'Dead letters')
    await letters.getByRole('cell', { name: 'ADDRESS_NOT_SERVED' }).first().waitFor()
    await card(page, 'logistics-worker of carrier').getByText('failing: HTTP 422').waitFor()

    await vendorFaults(page, 'Carrier').getByRole('button', { name: 'Mend the carrier' }).click()
    await letters.getByRole('button', { name: /^ord_/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Redrive' }).click()
    await isReady(page).waitFor()
    await page.getByRole('dialog').getByText('Redriven: a new round begins').waitFor()
    await page.keyboard.press('Escape')
    await letters.getByText(/^None\./).waitFor()
  })

  test('brings every order on though a worker is killed and an event gets lost', async () => {
    const page = await open()
    const faults = region(page, 'Faults')
    await faults.getByRole('button', { name: 'Lose the next event' }).click()
    await faults.getByText(/The next event gets lost/).waitFor()

    await placeMany(page, 20)
    await faults.getByRole('button', { name: 'Kill logistics-worker' }).click()

    await faults.getByText(/^logistics-worker/).waitFor()
    await figure(page, 'On their way', /^0$/)
  })

  test.each<[string, BrowserContextOptions]>([
    ['in light', { colorScheme: 'light' }],
    ['in dark', { colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 360, height: 780 } }],
  ])('is accessible %s', async (_name, options) => {
    const page = await open('/', options)
    await region(page, 'Latest orders').getByRole('row').nth(1).waitFor()

    const judge = async () => {
      await page.evaluate(axe)
      const { violations } = await page.evaluate<{
        violations: { id: string; nodes: { html: string }[] }[]
      }>('axe.run()')
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)
    }
    expect(await judge()).toEqual([])
    await region(page, 'Latest orders').getByRole('button').first().click()
    // The worker that was killed may have held this order: its claim outlives it for half a minute.
    await isReady(page).waitFor({ timeout: 60_000 })
    expect(await judge()).toEqual([])

    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })

  test('documents the API, and tries it out with a token that is there already', async () => {
    const page = await open('/docs')
    await page.getByText(/Authorized as shop-1/).waitFor()

    await page
      .locator('.opblock-get')
      .filter({ hasText: /\/orders(?!\/)/ })
      .first()
      .getByRole('button')
      .first()
      .click()
    await page.getByRole('button', { name: 'Execute' }).click()

    await page.locator('.live-responses-table .response-col_status', { hasText: '200' }).first().waitFor()
  })
})
