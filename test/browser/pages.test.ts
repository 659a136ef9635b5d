import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from '@jest/globals'
import type { BrowserContextOptions } from 'playwright-core'
import { sampleOrder } from '../e2e/orders.ts'
import { france, inBrowser, region, useConsole } from './console-page.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

inBrowser('each page', () => {
  const site = useConsole()

  test.each<[string, BrowserContextOptions]>([
    ['in light', { colorScheme: 'light' }],
    ['in dark', { colorScheme: 'dark' }],
    ['on a tablet, in light', { viewport: { width: 1024, height: 768 }, colorScheme: 'light' }],
    ['on a tablet, in dark', { viewport: { width: 1024, height: 768 }, colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 360, height: 780 } }],
  ])('is accessible and scrolls down only, %s', async (_name, options) => {
    await site.cloud.faults('logistics', { rejectCountries: ['FR'] })
    const order = { ...sampleOrder(`axe-${Date.now()}`, 1), shippingAddress: france }
    await site.cloud.place(await site.cloud.token(), order)
    const page = await site.open('/', options)
    const judge = async (rules = {}) => {
      await page.evaluate(axe)
      const { violations } = await page.evaluate<{
        violations: { id: string; nodes: { html: string }[] }[]
      }>(`axe.run({ rules: ${JSON.stringify(rules)} })`)
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual(
        [],
      )
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    }

    const letters = region(page, 'Dead letters')
    await letters.getByRole('cell', { name: 'ADDRESS_NOT_SERVED' }).first().waitFor()
    await judge()
    await letters.getByRole('button', { name: /^ord_/ }).first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'redrive' }).waitFor()
    await judge()
    await page.goto(`${site.cloud.url}/docs`)
    await page.getByText(/Authorized as shop-1, with order ord_/).waitFor()
    // We do not control how Swagger UI nests its headings, buttons and landmarks.
    const own = ['heading-order', 'nested-interactive', 'landmark-main-is-top-level']
    await judge(Object.fromEntries(own.map((rule) => [rule, { enabled: false }])))
  })

  test('documents the API, where every prefilled call works, each time', async () => {
    const page = await site.open('/docs')
    await page.getByText(/Authorized as shop-1, with order ord_/).waitFor()
    const call = async (method: string, path: string) => {
      const block = page.locator(`.opblock-${method}`).filter({ has: page.locator(`[data-path="${path}"]`) })
      if (!(await block.getByRole('button', { name: 'Execute' }).isVisible()))
        await block.locator('.opblock-summary-control').click()
      const answered = page.waitForResponse(
        (response) =>
          response.request().method() === method.toUpperCase() &&
          new URL(response.url()).pathname.startsWith('/orders'),
      )
      await block.getByRole('button', { name: 'Execute' }).click()
      const response = await answered
      await block.locator('.live-responses-table').waitFor()
      return { status: response.status(), url: new URL(response.url()).pathname, body: await response.json() }
    }

    expect((await call('get', '/orders')).status).toBe(200)
    await page.locator('.opblock-post .opblock-summary-control').first().click()
    // The common error comes first, and every order in the examples exists.
    const invalid = page.locator('.opblock-post tr.response[data-code="400"]').first()
    await invalid.getByText('Too small: expected number').waitFor()
    const named = new Set((await page.locator('#docs').innerText()).match(/ord_[0-9a-f]{32}/g))
    const token = await site.cloud.token('shop-1')
    for (const orderId of named) expect(await site.cloud.order(token, orderId)).toMatchObject({ orderId })
    expect(named.size).toBeGreaterThan(0)
    const [first, second] = [await call('post', '/orders'), await call('post', '/orders')]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.body.orderId).not.toBe(first.body.orderId)
    await page.getByText(`Authorized as shop-1, with order ${second.body.orderId}`).waitFor()
    for (const method of ['get', 'patch'])
      expect(await call(method, '/orders/{orderId}')).toMatchObject({
        status: 200,
        url: `/orders/${second.body.orderId}`,
      })
    // A call that is already open is also filled in again.
    const third = await call('post', '/orders')
    expect((await call('get', '/orders/{orderId}')).body.orderId).toBe(third.body.orderId)
    expect((await call('post', '/orders/{orderId}/cancellation')).body.status).toMatch(/^CANCEL/)
  })
})
