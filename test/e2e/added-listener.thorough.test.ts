import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { addedLines, type CopiedTree, checks, copyTree, gate, snippetsOf } from '../copied-tree.ts'
import { until } from '../until.ts'
import { type BusEvent, type Cloud, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'
import { type LogEntry, logEntriesIn, readLogs } from './telemetry/measurements.ts'
import { createOperator, type Operator } from './telemetry/operator.ts'

/** A DLQ's message, as the console lists it. */
interface DeadLetter {
  messageId: string
  orderId: string
  queue: string
  reason: string
}

const snippet = snippetsOf('docs/forking.md', 'Add a listener beside the chain')
let tree: CopiedTree

beforeAll(async () => {
  tree = await copyTree()
  for (const block of snippet) await tree.apply(block)
})
afterAll(() => tree?.remove())

const passed = expect.objectContaining({ exitCode: 0 })

test("the guide's listener is 40 lines at most, in two files", () => {
  expect(snippet.map(({ file }) => file)).toEqual(['lambdas/notify-shop.ts', 'lib/stateless-stack.ts'])
  expect(snippet.reduce((sum, block) => sum + addedLines(block), 0)).toBeLessThanOrEqual(40)
})

test.each([...checks, gate])('the %s passes with it', async (_, command, args) => {
  expect(await tree.run(command, ...args)).toEqual(passed)
})

describe("on an order's way", () => {
  /** The requests that the webhook accepted while it was open. */
  const posts: { eventId: unknown; orderId: string; awb?: string }[] = []
  let isOpen = true
  const webhook = createServer(async (request, response) => {
    const body = JSON.parse((await request.setEncoding('utf8').toArray()).join(''))
    if (isOpen) posts.push({ eventId: request.headers['idempotency-key'], ...body })
    response.writeHead(isOpen ? 204 : 503).end()
  })
  let cloud: Cloud
  let operator: Operator
  let token: string

  beforeAll(async () => {
    await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve))
    const { port } = webhook.address() as AddressInfo
    await tree.edit('lib/stateless-stack.ts', (text) =>
      text.replace('https://hooks.example/orders', `http://127.0.0.1:${port}/orders`),
    )
    cloud = await startCloud({ speed: 120, folder: tree.folder })
    operator = await createOperator(cloud)
    token = await cloud.token()
  })
  afterAll(async () => {
    operator?.close()
    await cloud?.stop()
    webhook.close()
  })

  const postsOf = (orderId: string) => posts.filter((post) => post.orderId === orderId)
  const place = async (reference: string) => (await cloud.place(token, sampleOrder(reference))).body.orderId
  /** The listener's log lines about an order, oldest first. */
  const logOf = async (orderId: string): Promise<LogEntry[]> =>
    logEntriesIn(await readLogs(cloud, 'notify-shop')).filter((entry) => entry.orderId === orderId)
  const deadLetters = async () =>
    (await cloud.request<{ deadLetters: DeadLetter[] }>('GET', '/_local/dead-letters')).body.deadLetters

  const queued = async (): Promise<number> => {
    const queue = (await cloud.queues()).find(({ name }) => name === 'NotifyShop/Queue')
    return queue ? queue.visible + queue.inFlight + queue.delayed : 0
  }

  test('it handles each event once, even if it is delivered twice', async () => {
    const orderId = await place('listener-1')
    const isReady = (event: BusEvent) =>
      event['detail-type'] === 'READY_FOR_FULFILLMENT' && event.detail.data.orderId === orderId
    const event = await until(
      async () => (await cloud.events()).find(isReady),
      (found) => found !== undefined,
    )
    const ids = { orderId, eventId: event?.detail.metadata.eventId }
    const linesWith = (lines: LogEntry[], message: string) => lines.filter((line) => line.message === message)

    await until(
      () => logOf(orderId),
      (lines) => linesWith(lines, 'Event handled').length > 0,
    )
    await operator.send('NotifyShop/Queue', { ...event, source: 'orders' })
    const lines = await until(
      () => logOf(orderId),
      (found) => linesWith(found, 'Event was handled before').length > 0,
    )

    expect(linesWith(lines, 'Event handled')).toEqual([
      expect.objectContaining({ ...ids, correlationId: expect.any(String) }),
    ])
    expect(postsOf(orderId)).toEqual([{ ...ids, awb: expect.stringMatching(/./) }])
  })

  test('an event on which it throws is logged each time, ends in the DLQ, and is handled when redriven', async () => {
    isOpen = false
    const orderIds = [await place('listener-2'), await place('listener-3')]
    // The bus may deliver an event more than once, and every copy ends in the DLQ.
    await until(
      async () => ({ letters: await deadLetters(), queued: await queued() }),
      ({ letters, queued }) =>
        queued === 0 && orderIds.every((id) => letters.some(({ orderId }) => orderId === id)),
    )
    const [one, ...others] = await deadLetters()

    for (const letter of await deadLetters()) {
      expect(letter.queue).toBe('NotifyShop/DeadLetterQueue')
      const lines = (await logOf(letter.orderId)).filter(({ messageId }) => messageId === letter.messageId)
      expect(lines.map(({ receives }) => receives)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      const ids = { eventId: expect.stringContaining('READY'), correlationId: expect.any(String) }
      for (const line of lines) expect(line).toMatchObject(ids)
      // Of two copies at the same time, one finds the other in progress.
      expect(lines).toContainEqual(
        expect.objectContaining({
          level: 'ERROR',
          error: expect.objectContaining({ message: 'The webhook answered 503' }),
        }),
      )
      expect((await cloud.order(token, letter.orderId)).status).toBe('READY_FOR_FULFILLMENT')
    }

    isOpen = true
    const args = ['redrive', '--message', one?.messageId, '--note', 'it works again']
    const answer = await cloud.request('POST', '/_local/operator', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tool: 'dlq', args }),
    })
    expect(answer).toMatchObject({ status: 200, body: { messages: 1 } })
    await until(
      () => postsOf(one?.orderId ?? ''),
      ({ length }) => length > 0,
    )

    const redrive = [
      'node',
      'ops/orderctl.ts',
      'dlq',
      'redrive',
      '--lane',
      'notifyshop',
      '--note',
      'works again',
    ]
    expect(await tree.run('env', `AWS_ENDPOINT_URL=${cloud.url}`, ...redrive)).toEqual({
      exitCode: 0,
      output: expect.stringMatching(
        new RegExp(`^Redrove 0 orders and ${others.length} messages? of local\\.$`, 'm'),
      ),
    })
    await until(
      () => orderIds.map((orderId) => postsOf(orderId).length),
      (counts) => !counts.includes(0),
    )
    expect(orderIds.map((orderId) => postsOf(orderId).length)).toEqual([1, 1])
    expect(await deadLetters()).toEqual([])
  })

  test('a message that is not an event goes to its DLQ at once, with the reason', async () => {
    await operator.send('NotifyShop/Queue', { 'detail-type': 'READY_FOR_FULFILLMENT', detail: {} })
    const letters = await until(deadLetters, ({ length }) => length > 0)

    expect(letters).toMatchObject([{ queue: 'NotifyShop/DeadLetterQueue', reason: 'NOT_AN_EVENT' }])
    // The line is logged after the message has arrived.
    const [line] = await until(
      async () =>
        logEntriesIn(await readLogs(cloud, 'notify-shop')).filter(
          ({ message }) => message === 'Message dead-lettered',
        ),
      ({ length }) => length > 0,
    )
    expect(line).toMatchObject({ receives: 1, reason: 'NOT_AN_EVENT' })
  })
})
