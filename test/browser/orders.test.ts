import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { sampleOrder } from '../e2e/orders.ts'
import {
  card,
  france,
  inBrowser,
  isReady,
  placeOne,
  region,
  useConsole,
  vendorFaults,
} from './console-page.ts'

inBrowser("the console's orders", () => {
  const site = useConsole()

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
