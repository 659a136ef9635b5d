import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { sampleOrder } from '../e2e/orders.ts'
import {
  card,
  figure,
  france,
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

  test('places an order and shows it arrive, with its timeline, waterfall and events', async () => {
    const page = await site.open()

    const dialog = await placeOne(page)
    await isReady(page).waitFor()

    await dialog.getByText(/^accepted by warehouse as WMS-\d+: ready for fulfillment$/).waitFor()
    await dialog.getByText('Carrier called: 201').waitFor()
    await dialog.getByText('POST /orders').waitFor()
    await dialog.getByText('READY_FOR_FULFILLMENT').first().click()
    await dialog.locator('details[open]').getByText('"wmsReference"').waitFor()
    await page.keyboard.press('Escape')
    await region(page, 'Latest orders').getByText('ready', { exact: true }).first().waitFor()
    await region(page, 'What a click costs').getByText('If it waited for both vendors').waitFor()
  })

  test('cancels an order that is ready, and shows what its vendors undo', async () => {
    const page = await site.open()
    const dialog = await placeOne(page)
    await isReady(page).waitFor()

    await dialog.getByRole('button', { name: 'Cancel' }).click()

    await dialog.getByText(/^undone by carrier/).waitFor()
    await dialog.getByText('Warehouse asked to undo: 200').waitFor()
    await dialog.getByText('bus, queue of warehouse').first().waitFor()
    await dialog.getByRole('status').getByText('cancelled', { exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' })
  })

  test('sends the same click again and gets the same order', async () => {
    const page = await site.open()
    const form = region(page, 'Place orders')

    await form.getByRole('button', { name: 'Place the order' }).click()
    await form.getByRole('button', { name: 'Send the same click again' }).click()

    await form.getByText(/The same order again/).waitFor()
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

  test('shows the path of an order, the requests to its vendors with their responses, and its log lines', async () => {
    const page = await site.open('/', { permissions: ['clipboard-read', 'clipboard-write'] })
    const dialog = await placeOne(page)
    await isReady(page).waitFor()

    for (const name of ['HTTP API', 'create-order', 'OrderTable', 'logistics-worker of carrier', 'Warehouse'])
      await page
        .locator('.node.way')
        .and(page.getByLabel(name, { exact: true }))
        .waitFor()
    await dialog.getByText(/1\. POST to the carrier: 20[01] after/).click()
    const exchanged = (await dialog.locator('details[open] pre').textContent()) ?? ''
    expect(JSON.parse(exchanged)).toMatchObject({
      sent: { recipient: { name: '…', address: { line1: '…' } } },
      answered: { awb: expect.any(String) },
    })
    await dialog.getByText('logistics-worker: Step done').waitFor()
    await dialog.getByRole('button', { name: 'Copy the AWB' }).click()
    await dialog.getByText(/^Copied AWB/).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^AWB\d+$/)
    await page.keyboard.press('Escape')
    await page.locator('.node.way').first().waitFor({ state: 'detached' })
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

  test('sends express orders to EasyPost, and offers all actions for an order that waits for it', async () => {
    const page = await site.open('/', { viewport: { width: 1440, height: 900 } })
    const easyPost = await vendorFaults(page, 'EasyPost')
    const commands: unknown[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/operator')) commands.push(request.postDataJSON())
    })
    await easyPost.getByRole('button', { name: 'Pause calls' }).dblclick()
    await easyPost.getByRole('button', { name: 'Resume calls' }).waitFor()
    expect(commands).toHaveLength(1)
    const form = region(page, 'Place orders')
    await form.getByLabel('Service').selectOption('express')
    await form.getByRole('button', { name: 'Another real order' }).click()

    const dialog = await placeOne(page, 'US')
    await dialog.getByRole('status').getByText('waiting for EasyPost').waitFor()
    // The order's dialog is beside the other panels, which remain usable.
    await form.getByLabel('Service').selectOption('standard')
    const way = (name: RegExp) =>
      dialog.getByRole('listitem').filter({ has: page.getByRole('textbox', { name }) })
    const settle = way(/^Record what its vendor says/)
    await settle.getByRole('button', { name: 'Settle' }).click()
    await settle.locator('input:invalid').waitFor()
    expect(JSON.stringify(commands)).not.toContain('settle')
    await way(/^Correct it/).waitFor()
    await way(/^Cancel it/).waitFor()
    await way(/^Give it to another vendor/)
      .getByRole('button', { name: 'Reroute' })
      .click()
    await dialog.getByText(/^rerouted from easypost to another vendor/).waitFor()
    await isReady(page).waitFor()
    await page
      .locator('.node.way')
      .and(page.getByLabel('EasyPost', { exact: true }))
      .waitFor()
    await way(/^Remove its personal data/)
      .getByRole('button', { name: 'Redact' })
      .click()
    await dialog.getByText(/^personal data redacted/).waitFor()
    await easyPost.getByRole('button', { name: 'Resume calls' }).click()

    await form.getByLabel('Service').selectOption('express')
    await placeOne(page, 'US')
    await isReady(page).waitFor()
    await dialog.getByText(/^\S+ 1\. POST to EasyPost: 201 after/).waitFor()
  })

  test("records a vendor's answer only when it is filled in, and cancels another shop's order", async () => {
    await site.cloud.faults('logistics', { rejectCountries: ['FR'] })
    const token = await site.cloud.token('shop-2')
    const order = { ...sampleOrder(`panel-${Date.now()}`, 1), shippingAddress: france }
    const ids: string[] = []
    for (const reference of ['settled', 'corrected', 'cancelled'])
      ids.push(
        (await site.cloud.place(token, { ...order, reference: `${order.reference}-${reference}` })).body
          .orderId,
      )
    const [settled = '', corrected = '', cancelled = ''] = ids
    for (const id of ids)
      await site.cloud.follow(token, id, ({ attention }) => attention?.state === 'dead-lettered')
    const dialogOf = async (id: string) => {
      const page = await site.open(`/?order=${id}`)
      const dialog = page.getByRole('dialog')
      const textOf = (name: RegExp) => dialog.getByRole('textbox', { name })
      return { dialog, textOf, press: (name: string) => dialog.getByRole('button', { name }).click() }
    }

    const first = await dialogOf(settled)
    const settle = first.textOf(/^Record what its vendor says/)
    await settle.fill((await settle.inputValue()).replace('… | --nothing-made', 'AWB777'))
    await first.press('Settle')
    await first.dialog.getByText(/^settled: carrier has done its work, by local/).waitFor()

    const second = await dialogOf(corrected)
    const correction = second.textOf(/^Correct it/)
    await correction.fill((await correction.inputValue()).replace('"FR"', '"DE"'))
    await second.press('Correct')
    await second.dialog.getByText(/^corrected, by /).waitFor()

    const third = await dialogOf(cancelled)
    await third.press('Cancel')
    await third.dialog.getByText('It is cancelled.').first().waitFor()
    expect(await site.cloud.order(token, cancelled)).toMatchObject({ status: 'CANCELLED' })
  })

  test('says what is no longer available about an old order, and still highlights its path', async () => {
    const page = await site.open()
    await page.route(/\/_local\/orders\/ord_\w+\/(story|report)$/, (route) =>
      route.fulfill({ json: { calls: [], events: [], logs: [], mayBeForgotten: true } }),
    )

    const dialog = await placeOne(page)
    await isReady(page).waitFor()

    await dialog.getByText('No longer available.').nth(2).waitFor()
    for (const name of ['HTTP API', 'logistics-worker of carrier', 'Warehouse'])
      await page
        .locator('.node.way')
        .and(page.getByLabel(name, { exact: true }))
        .waitFor()
  })

  test('lists the change of an order soon although a busy machine answers slowly', async () => {
    await site.cloud.faults('logistics', { rejectCountries: ['FR'] })
    const token = await site.cloud.token()
    const placed = { ...sampleOrder(`slow-${Date.now()}`, 1), shippingAddress: france }
    const { orderId } = (await site.cloud.place(token, placed)).body
    const page = await site.open(`/?q=${orderId}`)
    const found = region(page, 'Orders found')
    await page.route('**/_local/orders?*', async (route) => {
      await delay(5000)
      await route.continue()
    })
    await found.getByText(/^dead-lettered:/).waitFor()

    const cancelled = await site.cloud.orderctl(
      'order',
      'cancel',
      orderId,
      '--env=local',
      '--yes',
      '--note=asked',
    )
    expect(cancelled).toMatchObject({ exitCode: 0 })

    await found.getByText('cancelled', { exact: true }).waitFor({ timeout: 60_000 })
  })

  test('goes to the first page if the URL names one past the end', async () => {
    for (let n = 1; n <= 16; n += 1)
      await site.cloud.place(await site.cloud.token(), sampleOrder(`past-${Date.now()}-${n}`, n))
    const page = await site.open('/?from=900000')

    await region(page, 'Latest orders')
      .getByText(/^(Older)?\s*1 to \d+ of \d+$/)
      .waitFor()
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

  test('finds an order by its id, its reference and its AWB', async () => {
    const page = await site.open()
    const dialog = await placeOne(page)
    await isReady(page).waitFor()
    const fact = async (name: string) =>
      (await dialog
        .locator('.facts div', { hasText: new RegExp(`^${name}`) })
        .locator('dd')
        .textContent()) ?? ''
    const [reference, awb] = [await fact('Reference'), await fact('AWB')]
    const orderId = new URL(page.url()).searchParams.get('order') ?? ''
    await page.keyboard.press('Escape')

    for (const wanted of [orderId, reference, awb]) {
      await page.getByLabel('Id, reference or AWB').fill(wanted)
      await region(page, 'Orders found').getByText('1 to 1 of 1').waitFor()
      await region(page, 'Orders found').getByRole('button', { name: reference }).waitFor()
    }
    await page.reload()
    await region(page, 'Orders found').getByRole('button', { name: reference }).waitFor()
    await page.getByLabel('Id, reference or AWB').fill('nobody')
    await region(page, 'Orders found').getByText('No order matches.').waitFor()
  })

  test('goes back from an order to where it was opened, and opens the order that the URL names', async () => {
    const page = await site.open()
    const dialog = await placeOne(page)
    await isReady(page).waitFor()
    const address = page.url()

    await page.goBack()
    await dialog.waitFor({ state: 'hidden' })
    expect(new URL(page.url()).search).toBe('')
    await page.goForward()
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.goto(address)
    await isReady(page).waitFor()
    await page.goto(`${site.cloud.url}/#latency`)
    const latency = region(page, 'What a click costs')
    await latency.waitFor()
    expect((await latency.boundingBox())?.y).toBeLessThan(900)
  })

  test('keeps a reference that the user typed, so that placing it again replays the request', async () => {
    const page = await site.open()
    const form = region(page, 'Place orders')
    const own = `mine-${Date.now()}`
    await form.getByLabel('Reference').fill(own)

    await form.getByRole('button', { name: 'Place the order' }).click()
    await form.getByText(/^Created in/).waitFor()
    expect(await form.getByLabel('Reference').inputValue()).toBe(own)
    await form.getByRole('button', { name: 'Place the order' }).click()
    await form.getByText(/The same order again/).waitFor()
  })

  test('runs what order show advises', async () => {
    const page = await site.open()
    const carrier = await vendorFaults(page, 'Carrier')
    await carrier.getByLabel('Refuse countries').fill('FR')
    await carrier.getByLabel('Refuse countries').press('Tab')
    await card(page, 'Carrier').getByText('Refuses FR').waitFor()
    const dialog = await placeOne(page, 'FR')

    const advice = dialog.getByRole('listitem').filter({ hasText: 'Or cancel it' })
    await advice.getByRole('button', { name: 'Cancel' }).click()

    await dialog.getByRole('status').getByText('cancelled', { exact: true }).waitFor()
  })
})
