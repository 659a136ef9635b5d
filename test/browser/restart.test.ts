import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Route } from 'playwright-core'
import { startCloud } from '../e2e/cloud.ts'
import { launch, openPage } from './browser.ts'
import { card, inBrowser, isReady, placeOne, region, vendorFaults } from './console-page.ts'

inBrowser('the pages of a server that is starting, or is started again', () => {
  const stops: (() => Promise<void>)[] = []
  const close = async () => {
    for (const stop of stops.splice(0).reverse()) await stop()
  }
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterEach(close)
  afterAll(() => browser?.close())
  const start = async (port = 0, vendors = {}) => {
    const started = await startCloud({ speed: 20, port, vendors })
    stops.push(() => started.stop())
    return started
  }

  test('the console says that it is gone, keeps the last state, and reconnects by itself', async () => {
    const first = await start()
    const { page } = await openPage(browser, first.url, { viewport: { width: 1440, height: 900 } })
    const dialog = await placeOne(page)
    await isReady(page).waitFor()
    await page.keyboard.press('Escape')
    await region(page, 'Latest orders').getByText('ready', { exact: true }).waitFor()

    await close()
    await page.getByText(/^not connected since/).waitFor()
    await card(page, 'Carrier').getByText('circuit unknown').waitFor()
    await card(page, 'logistics-worker of carrier').getByText('unknown').waitFor()
    await region(page, 'Latest orders').getByText('ready', { exact: true }).waitFor()
    expect(await page.getByRole('main').getAttribute('class')).toContain('stale')
    await region(page, 'Place orders').getByLabel('How many').selectOption('20')
    await region(page, 'Place orders').getByRole('button', { name: 'Place 20 orders' }).click()
    await region(page, 'Place orders').getByText('20 failed: The embedded cloud does not respond.').waitFor()
    await region(page, 'Place orders').getByRole('button', { name: 'Place the order' }).click()
    await region(page, 'Faults').getByRole('button', { name: 'Lose the next event' }).click()
    await region(page, 'Latest orders').getByRole('button').first().click()
    await dialog.getByText('The embedded cloud does not respond.').waitFor()
    expect(await dialog.getAttribute('class')).toContain('stale')
    await page.keyboard.press('Escape')

    // In this cloud EasyPost is the developer's own vendor: it can be paused, but has no faults.
    const second = await start(Number(new URL(first.url).port), { easypost: 'http://127.0.0.1:9/v2' })
    await page.getByText(/^live/).waitFor()
    await card(page, 'Carrier').getByText('circuit closed').waitFor()
    await page.getByText('The embedded cloud does not respond.').waitFor({ state: 'detached' })
    const easyPost = await vendorFaults(page, 'EasyPost')
    await easyPost.getByRole('button', { name: 'Pause calls' }).waitFor()
    expect(await easyPost.getByLabel('Down').count()).toBe(0)
    await placeOne(page)
    await isReady(page).waitFor()
    expect(new URL(page.url()).origin).toBe(second.url)
  })

  test("the API's page says so, and is authorized again with an order that exists", async () => {
    const first = await start()
    const { page } = await openPage(browser, `${first.url}/docs`)
    await page.getByText(/Authorized as shop-1, with order ord_/).waitFor()
    const block = page.locator('.opblock-get').first()
    await block.locator('.opblock-summary-control').click()

    await close()
    const second = await start(Number(new URL(first.url).port))
    await block.getByRole('button', { name: 'Execute' }).click()

    const words = page.getByText(/The token was refused. Authorized again as shop-1, with order ord_/)
    const [orderId = ''] = /ord_\w+/.exec((await words.textContent()) ?? '') ?? []
    expect(await second.order(await second.token(), orderId)).toMatchObject({ orderId })
    const answered = page.waitForResponse(/\/orders/)
    await block.getByRole('button', { name: 'Execute' }).click()
    expect((await answered).status()).toBe(200)
  })

  test('both pages say that they cannot work yet, and work as soon as possible', async () => {
    const { url } = await start()
    const context = await browser.newContext()
    const page = await context.newPage()
    const starting = (route: Route) => route.fulfill({ status: 503, json: { message: 'Starting.' } })
    const paths = ['**/_local/stream', '**/console/sample-orders.jsonl', '**/orders', '**/_local/token']
    for (const path of paths) await page.route(path, starting)

    await page.goto(`${url}/docs`)
    await page.getByText('Starting. Trying again …').waitFor()
    await page.goto(url)
    await page.getByText('not connected, trying again').waitFor()
    for (const path of paths.filter((each) => !each.endsWith('.jsonl'))) await page.unroute(path)
    await page.getByText(/^live/).waitFor()
    await page.getByText('The real orders cannot be loaded: HTTP 503.').waitFor()
    await page.unrouteAll()
    await page.reload()
    await region(page, 'Place orders').getByRole('button', { name: 'Place the order' }).waitFor()
    await page.goto(`${url}/docs`)
    await page.getByText(/Authorized as shop-1, with order ord_/).waitFor()
  })
})
