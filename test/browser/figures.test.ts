import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { type Cloud, startCloud } from '../e2e/cloud.ts'
import { sampleOrder } from '../e2e/orders.ts'
import { until } from '../until.ts'
import { launch, openPage } from './browser.ts'
import { figure as figureOf, france, inBrowser, region as regionOf } from './console-page.ts'

inBrowser("the console's figures", () => {
  let cloud: Cloud
  let browser: Browser
  let page: Page
  let token: string
  beforeAll(async () => {
    ;[cloud, browser] = await Promise.all([startCloud({ speed: 20 }), launch()])
    ;({ page } = await openPage(browser, cloud.url))
    token = await cloud.token()
  })
  afterAll(async () => {
    await browser?.close()
    await cloud?.stop()
  })

  const region = (name: string) => regionOf(page, name)
  const figure = (name: string, value: RegExp) => figureOf(page, name, value)
  const place = async (reference: string, change: object = {}) =>
    cloud.place(token, { ...sampleOrder(reference, 1), ...change })
  const toFrance = { shippingAddress: france }

  test('of orders placed leave out repeats', async () => {
    for (const reference of ['a', 'a', 'b', 'a']) await place(reference)

    await figure('Placed in the last minute', /^2$/)
  })

  test('on the API\'s card and under "What a click costs" are the same median', async () => {
    const median = region('What a click costs')
      .getByRole('row', { name: /Measured/ })
      .getByRole('cell')
      .first()
    const agree = async () => [
      await region('Pipeline')
        .getByText(/^typically/)
        .textContent(),
      `typically ${await median.textContent()}`,
    ]

    await until(agree, ([typically, same]) => typically === same)
  })

  test('of dead letters count orders, and no longer one that is cancelled', async () => {
    await cloud.faults('logistics', { rejectCountries: ['FR'] })
    const [first] = [await place('dead-1', toFrance), await place('dead-2', toFrance)]
    await figure('Dead-lettered', /^2$/)
    const letters = region('Dead letters')
    await letters.getByRole('button', { name: 'Redrive all 2' }).waitFor()
    const lane = region('Pipeline').getByRole('link', { name: /dead of LogisticsCarrier/ })
    expect(await lane.textContent()).toMatch(/^\s*2 dead/)

    const { orderId } = first.body
    await cloud.request('POST', `/orders/${orderId}/cancellation`, {
      headers: { authorization: `Bearer ${token}` },
    })

    await figure('Dead-lettered', /^1$/)
    await letters.getByRole('button', { name: 'Redrive all 1' }).waitFor()
    await until(
      () => lane.textContent(),
      (text) => /^\s*1 dead/.test(text ?? ''),
    )
    await page.getByRole('status').getByText('1 dead letter.').waitFor({ state: 'attached' })

    await cloud.faults('logistics', { rejectCountries: [] })
    await letters.getByRole('button', { name: 'Redrive all 1' }).click()
    await figure('Dead-lettered', /^0$/)
    await letters.getByText(/^None\./).waitFor()
  })

  test('of failed clicks count those that create-order did not answer', async () => {
    const failed = region('What a click costs')
      .getByRole('row', { name: /Measured/ })
      .getByRole('cell')
      .last()
    expect(await failed.textContent()).toBe('0')

    // Repeat until it is killed during a click: the first of many has been answered, and the next has begun.
    await until(
      async () => {
        const placing = Array.from({ length: 10 }, () => place(`killed-${Math.random()}`))
        await Promise.race(placing)
        await cloud.kill('create-order')
        return (await Promise.all(placing)).map(({ status }) => status)
      },
      (statuses) => statuses.some((status) => status >= 500),
    )

    await until(
      () => failed.textContent(),
      (text) => text !== '0',
    )
  })

  test('over time begin when the page was opened, and nothing is drawn before that', async () => {
    const line = region('The last five minutes').locator('svg path.text-primary').first()
    const drawn = async () => (await line.getAttribute('d')) ?? ''
    const text = await until(drawn, (d) => d.includes('L'))

    expect(Number(/^M(\d+) /.exec(text)?.[1])).toBeGreaterThan(30)
    await region('The last five minutes')
      .getByText(/^max \d/)
      .first()
      .waitFor()
  })
})
