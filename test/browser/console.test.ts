import { expect, test } from '@jest/globals'
import {
  card,
  figure,
  inBrowser,
  isReady,
  placeMany,
  placeOne,
  region,
  useConsole,
  vendorFaults,
} from './console-page.ts'

inBrowser('the console', () => {
  const site = useConsole()

  test('draws every queue, worker and vendor of the templates', async () => {
    const page = await site.open()

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

  test('shows the breaker open and orders wait while the carrier is down, and drain when it is back', async () => {
    const page = await site.open()
    const carrier = await vendorFaults(page, 'Carrier')
    await carrier.getByLabel('Down').check()

    await placeMany(page, 20)
    await card(page, 'Carrier')
      .getByText(/circuit open, \d/)
      .waitFor()
    await card(page, 'Carrier')
      .getByText(/orders? waiting/)
      .waitFor()
    await figure(page, 'Waiting for a vendor', /^[1-9]/)
    await region(page, 'Latest orders')
      .getByText(/^waiting for/)
      .first()
      .waitFor()

    await carrier.getByRole('button', { name: 'Mend' }).click()
    // At this speed a circuit can stay open for 15 s if placing took long, and the relay runs only after that.
    await card(page, 'Carrier').getByText('circuit closed').waitFor()
    await figure(page, 'In progress', /^0$/)
    await figure(page, 'Dead-lettered', /^0$/)
  })

  test('pauses a vendor, resumes it, and resets all faults', async () => {
    const page = await site.open()
    const carrier = await vendorFaults(page, 'Carrier')

    await carrier.getByRole('button', { name: 'Pause calls' }).click()
    await card(page, 'Carrier')
      .getByText(/^paused by an operator/)
      .waitFor()
    await placeOne(page)
    await page.keyboard.press('Escape')
    await card(page, 'Carrier').getByText('1 order waiting').waitFor()
    const lane = region(page, 'The last five minutes').getByRole('img', { name: /^Orders over.* 1 now$/ })
    await lane.first().waitFor()
    await carrier.getByRole('button', { name: 'Resume calls' }).click()
    await card(page, 'Carrier').getByText('circuit closed').waitFor()

    await carrier.getByLabel('Does the work, never answers').check()
    await carrier.getByRole('button', { name: 'Pause calls' }).click()
    await card(page, 'Carrier').getByText('fault: Does the work, never answers').waitFor()
    await carrier.getByRole('button', { name: 'Resume calls' }).waitFor()
    await region(page, 'Faults').getByRole('button', { name: 'Reset all' }).click()
    await region(page, 'Faults').getByText('All faults and pauses are reset.').waitFor()
    await carrier.getByRole('button', { name: 'Pause calls' }).waitFor()
    await card(page, 'Carrier').getByText('fault:').waitFor({ state: 'detached' })
    await figure(page, 'In progress', /^0$/)
  })

  test('dead-letters an order that the carrier refuses, and redrives it', async () => {
    const page = await site.open()
    const carrier = await vendorFaults(page, 'Carrier')
    await carrier.getByLabel('Refuse countries').fill('fr')
    await carrier.getByLabel('Refuse countries').press('Tab')
    await card(page, 'Carrier').getByText('Refuses FR').waitFor()

    const dialog = await placeOne(page, 'FR')
    await dialog.getByText('dead-lettered: ADDRESS_NOT_SERVED').waitFor()
    await page.keyboard.press('Escape')
    const letters = region(page, 'Dead letters')
    await letters.getByRole('cell', { name: 'ADDRESS_NOT_SERVED' }).first().waitFor()
    // A refused order does not make the worker unhealthy.
    expect(await card(page, 'logistics-worker of carrier').textContent()).not.toContain('failing')

    await carrier.getByRole('button', { name: 'Mend' }).click()
    await card(page, 'Carrier').getByText('Refuses FR').waitFor({ state: 'detached' })
    await page.locator('button:focus', { hasText: 'Mend' }).waitFor()
    await letters.getByRole('button', { name: /^ord_/ }).click()
    await dialog.getByText(/let the shop correct it with PATCH/).waitFor()
    await dialog.getByRole('button', { name: 'Redrive' }).click()
    await isReady(page).waitFor()
    await dialog.locator('h2:focus').waitFor()
    await dialog.getByText(/^redriven to carrier/).waitFor()
    await page.keyboard.press('Escape')
    await letters.getByText(/^None\./).waitFor()
  })

  test('reloads the dead letters when orders change, and says how many it does not list', async () => {
    const page = await site.open()
    const letters = region(page, 'Dead letters')
    await card(page, 'Carrier').waitFor()
    const deadLetters = Array.from({ length: 60 }, (_, at) => ({
      messageId: `message-${at}`,
      queue: 'LogisticsCarrier/DeadLetterQueue',
      reason: 'NOT_JSON',
      at,
    }))
    await page.route('**/_local/dead-letters', (route) => route.fulfill({ json: { deadLetters } }))

    await region(page, 'Place orders').getByRole('button', { name: 'Place the order' }).click()

    await letters.getByText('The latest 50 of 60.').waitFor()
    expect(await letters.getByRole('button', { name: /^Redrive message/ }).count()).toBe(50)
  })

  test('keeps the keyboard focus in the dead letters when a redriven one disappears', async () => {
    const page = await site.open()
    const carrier = await vendorFaults(page, 'Carrier')
    await carrier.getByLabel('Refuse countries').fill('FR')
    await carrier.getByLabel('Refuse countries').press('Tab')
    await card(page, 'Carrier').getByText('Refuses FR').waitFor()
    await region(page, 'Place orders').getByLabel('Country').fill('FR')
    await region(page, 'Place orders').getByRole('button', { name: 'Place the order' }).click()
    const letters = region(page, 'Dead letters')
    const redrive = letters.getByRole('button', { name: /^Redrive ord_/ })
    await redrive.waitFor()
    await carrier.getByRole('button', { name: 'Mend' }).click()
    await card(page, 'Carrier').getByText('Refuses FR').waitFor({ state: 'detached' })

    await redrive.focus()
    await page.keyboard.press('Enter')

    await letters.locator('h2:focus').waitFor()
    await letters.getByText('Redriven: 1 order, 0 other messages.').waitFor()
  })

  test('completes every order although a worker is killed and an event is lost', async () => {
    const page = await site.open()
    const faults = region(page, 'Faults')
    await faults.getByRole('button', { name: 'Lose the next event' }).click()
    await faults.getByText(/The next event will be lost/).waitFor()

    await placeMany(page, 20)
    await faults.getByRole('button', { name: 'Kill logistics-worker' }).click()

    await faults.getByText(/^Killed \d+ logistics-worker/).waitFor()
    await figure(page, 'In progress', /^0$/)
  })

  test('shows faults and orders on one screen of 1440 by 900, with the status beside the reference', async () => {
    const page = await site.open('/', { viewport: { width: 1440, height: 900 } })
    const orders = region(page, 'Latest orders')
    await orders.getByRole('row').nth(1).waitFor()

    // A vendor's card is highest while its circuit is open.
    const easyPost = await vendorFaults(page, 'EasyPost')
    await easyPost.getByRole('button', { name: 'Pause calls' }).click()
    await card(page, 'EasyPost')
      .getByText(/^paused by an operator/)
      .waitFor()
    const effects = ['Latest orders', 'What a click costs', 'The last five minutes', 'Dead letters']
    for (const name of ['Pipeline', 'Place orders', 'Faults', ...effects]) {
      const { x = -1, y = -1, width = 0, height = 0 } = (await region(page, name).boundingBox()) ?? {}
      const fits = x >= 0 && y >= 0 && x + width <= 1440 && y + height <= 900
      expect({ name, fits }).toEqual({ name, fits: true })
    }
    await easyPost.getByRole('button', { name: 'Resume calls' }).click()
    await easyPost.getByRole('button', { name: 'Pause calls' }).waitFor()
    expect((await orders.getByRole('columnheader').allTextContents()).slice(0, 2)).toEqual([
      'Reference',
      'Status',
    ])
  })

  test.each([
    [1024, 768],
    [360, 780],
  ])('cuts no status, and does not scroll sideways, on a screen of %d by %d', async (width, height) => {
    const page = await site.open('/', { viewport: { width, height } })
    const status = region(page, 'Latest orders').getByRole('row').nth(1).getByRole('cell').nth(1)
    await status.waitFor()

    const { x = 0, width: wide = width } = (await status.boundingBox()) ?? {}
    expect(x + wide).toBeLessThanOrEqual(width)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    expect(await page.locator('.wires').isVisible()).toBe(width > 860)
  })

  test.each([1440, 1024, 360])('wraps no control of a vendor at a width of %d', async (width) => {
    const page = await site.open('/', { viewport: { width, height: 900 } })
    const warehouse = await vendorFaults(page, 'Warehouse')
    const box = async (name: string) => (await warehouse.getByRole('button', { name }).boundingBox())?.y

    expect(await box('Pause calls')).toBe(await box('Mend'))
    const labels = await warehouse.locator('.form-switch').all()
    const heights = await Promise.all(labels.map(async (label) => (await label.boundingBox())?.height))
    expect(new Set(heights).size).toBe(1)
  })
})
