import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type Faults, noFaults } from '../../vendors/faults.ts'
import { until } from '../until.ts'
import { type Cloud, type OrderView, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'
import { readLogs } from './telemetry/measurements.ts'

/** All the times in config are divided by this. */
const speed = 20

let cloud: Cloud
let token: string
let sqs: SQSClient
let number = 0

beforeAll(async () => {
  cloud = await startCloud({ speed })
  token = await cloud.token()
  sqs = new SQSClient({
    endpoint: cloud.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  })
  // Processes that all start at once starve each other, and their clicks fail: here a shop repeats them.
  const orderIds = await placeMany(40, {}, (order) =>
    until(
      () => click(order),
      ({ status }) => status < 500,
    ),
  )
  await until(
    () => cloud.ledger('wms'),
    (shipments) => shipments.length >= orderIds.length,
    { everyMs: 250 },
  )
  await followAll(orderIds, isReady)
})
afterEach(async () => {
  for (const vendor of ['logistics', 'wms'] as const) await cloud.faults(vendor, noFaults)
})
afterAll(async () => {
  sqs?.destroy()
  await cloud?.stop()
})

const click = (order: unknown) => cloud.place(token, order)

/** Places orders, a few at a time, and returns their ids. */
async function placeMany(
  count: number,
  change: Record<string, unknown> = {},
  place = click,
): Promise<string[]> {
  const ids: string[] = []
  for (let done = 0; done < count; done += 10) {
    const answers = await Promise.all(
      Array.from({ length: Math.min(10, count - done) }, () =>
        place({ ...sampleOrder(`failure-${++number}`, number), ...change }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    ids.push(...answers.map(({ body }) => body.orderId))
  }
  return ids
}

const placeOne = async (change?: Record<string, unknown>): Promise<string> => {
  const [orderId] = await placeMany(1, change)
  if (orderId === undefined) throw new Error('No order was placed')
  return orderId
}
const isReady = ({ status }: OrderView) => status === 'READY_FOR_FULFILLMENT'
const isStuck = (state: string) => (order: OrderView) => order.attention?.state === state
const followAll = (ids: string[], isThere: (order: OrderView) => boolean) =>
  Promise.all(ids.map((id) => until(() => cloud.order(token, id), isThere, { everyMs: 250 })))

const ledgerOf = async (vendor: 'logistics' | 'wms', ids: string[]) =>
  (await cloud.ledger(vendor)).filter(({ reference }) => ids.includes(reference))

/** Sees that each order was made exactly once by a vendor. */
async function expectOneEach(vendor: 'logistics' | 'wms', ids: string[]) {
  const entries = await ledgerOf(vendor, ids)
  expect(entries.map(({ created }) => created)).toEqual(ids.map(() => 1))
}

/** Those whose ORDER_CREATED has been on the bus more than once: the first one did not arrive in time. */
async function publishedAgain(ids: string[]): Promise<string[]> {
  const events = (await cloud.events()).filter((event) => event['detail-type'] === 'ORDER_CREATED')
  return ids.filter((id) => events.filter(({ detail }) => detail.data.orderId === id).length > 1)
}

const queueNamed = async (name: string) => {
  const queue = (await cloud.queues()).find((each) => each.name === name)
  if (queue === undefined) throw new Error(`There is no queue ${name}`)
  return queue
}

describe('while the carrier is down', () => {
  test.each<[string, Partial<Faults>, Partial<Faults>, RegExp]>([
    ['refuses connections', { down: true }, { down: false }, /CONNECTION/],
    ['refuses our credential', { unauthorized: true }, { unauthorized: false }, /CREDENTIAL_REFUSED/],
    ['answers only errors', { errorRate: 1 }, { errorRate: 0 }, /INTERNAL_ERROR/],
  ])(
    '%s: orders are taken, wait, say why, and get through by themselves',
    async (_name, fault, mended, reason) => {
      await cloud.faults('logistics', fault)

      const ids = await placeMany(30)
      const waiting = await followAll(ids, isStuck('waiting'))

      expect(waiting.every(({ attention }) => attention?.reason.match(reason))).toBe(true)
      const usedUp = waiting.filter(({ timeline }) => timeline.some(({ type }) => type === 'ATTEMPT_FAILED'))
      expect(usedUp.length).toBeLessThanOrEqual(5)
      expect(waiting.some(({ timeline }) => timeline.some(({ type }) => type === 'DEAD_LETTERED'))).toBe(
        false,
      )

      await cloud.faults('logistics', mended)
      await followAll(ids, isReady)
      await expectOneEach('logistics', ids)
      await expectOneEach('wms', ids)
    },
  )

  test('the only order of a quiet night waits for it, too', async () => {
    // The order before it leaves the circuit closed.
    await cloud.follow(token, await placeOne(), isReady)
    await cloud.faults('logistics', { down: true })

    const orderId = await placeOne()
    const waiting = await cloud.follow(
      token,
      orderId,
      ({ attention }) => attention?.attempts === 4 && attention.state === 'waiting',
    )
    await cloud.faults('logistics', { down: false })
    const ready = await cloud.follow(token, orderId, isReady)

    expect(waiting.attention?.reason).toBe('CIRCUIT_OPEN:CONNECTION_FAILED')
    expect(ready.timeline.map(({ type }) => type)).not.toContain('DEAD_LETTERED')
    await expectOneEach('logistics', [orderId])
  })

  test('rate-limits us: nobody loses an attempt, and everybody gets through', async () => {
    await cloud.faults('logistics', { rateLimitPerSecond: 5 })

    const ids = await placeMany(30)
    const ready = await followAll(ids, isReady)

    expect(ready.some(({ timeline }) => timeline.some(({ type }) => type === 'ATTEMPT_FAILED'))).toBe(false)
    await expectOneEach('logistics', ids)
  })
})

describe('a vendor whose answer is lost', () => {
  test.each<['logistics' | 'wms', string, Partial<Faults>]>([
    ['logistics', 'the carrier, which ignores keys', { timeoutAfterWork: true, idempotency: false }],
    ['wms', 'the warehouse, which honours keys', { timeoutAfterWork: true }],
  ])('%s: %s, did the work once for each order', async (vendor, _name, fault) => {
    await cloud.faults(vendor, fault)
    const ids = await placeMany(3)
    await until(
      () => cloud.ledger(vendor),
      (entries) => ids.every((id) => entries.some(({ reference }) => reference === id)),
    )
    await cloud.faults(vendor, { timeoutAfterWork: false })

    await followAll(ids, isReady)
    await expectOneEach(vendor, ids)
  })

  test.each<['logistics' | 'wms', Partial<Faults>]>([
    ['logistics', { workAfterTimeoutMs: 3500, idempotency: false }],
    ['wms', { workAfterTimeoutMs: 3500 }],
  ])('%s finishes after our time-out, and still makes one for each order', async (vendor, fault) => {
    await cloud.faults(vendor, fault)
    const ids = await placeMany(3)
    await until(
      () => cloud.ledger(vendor),
      (entries) => ids.every((id) => entries.some(({ reference }) => reference === id)),
    )
    await cloud.faults(vendor, { workAfterTimeoutMs: null })

    await followAll(ids, isReady)
    await expectOneEach(vendor, ids)
  })

  test('an asynchronous carrier is asked again until it is ready', async () => {
    await cloud.faults('logistics', { asyncMs: 1500, idempotency: false })
    const orderId = await placeOne()

    const ready = await cloud.follow(token, orderId, isReady)

    expect(ready.timeline.map(({ type }) => type)).toContain('WAITING')
    await expectOneEach('logistics', [orderId])
  })
})

describe('an order that its vendor keeps failing', () => {
  test('is tried again after 1, 5, 20 and 60 s, and then dead-lettered', async () => {
    await cloud.faults('wms', { errorRate: 1 })
    const orderId = await placeOne()

    const dead = await cloud.follow(token, orderId, isStuck('dead-lettered'))

    const tries = dead.timeline.filter(({ type }) => ['ATTEMPT_FAILED', 'DEAD_LETTERED'].includes(type))
    const gaps = tries.slice(1).map(({ at }, index) => Date.parse(at) - Date.parse(tries[index]?.at ?? ''))
    expect(gaps).toHaveLength(4)
    const waits = [1000, 5000, 20_000, 60_000].map((ms) => ms / speed)
    for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(waits[index] ?? 0)
    const dlq = await queueNamed('WmsWarehouse/DeadLetterQueue')
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: dlq.url, MessageAttributeNames: ['All'], WaitTimeSeconds: 2 }),
    )
    expect(Messages).toHaveLength(1)
    expect(Messages[0]?.MessageAttributes).toMatchObject({
      orderId: { StringValue: orderId },
      step: { StringValue: 'wms' },
      kind: { StringValue: 'transient' },
      reason: { StringValue: 'INTERNAL_ERROR' },
      attempts: { StringValue: '5' },
      deadLetterNumber: { StringValue: '1' },
    })
    await sqs.send(new DeleteMessageCommand({ QueueUrl: dlq.url, ReceiptHandle: Messages[0]?.ReceiptHandle }))
  })
})

describe('an address that the carrier does not serve', () => {
  test('dead-letters that order with its reason; corrected and redriven, it becomes READY', async () => {
    await cloud.faults('logistics', { rejectCountries: ['IS'] })
    const address = { name: 'Jón', line1: 'Laugavegur 1', city: 'Reykjavík', country: 'IS' }
    const refused = await placeOne({ shippingAddress: address })
    const others = await placeMany(5)

    const dead = await cloud.follow(token, refused, isStuck('dead-lettered'))
    await followAll(others, isReady)

    expect(dead.attention).toMatchObject({ step: 'logistics', reason: 'ADDRESS_NOT_SERVED' })
    const told = await until(
      async () => (await cloud.events()).filter(({ detail }) => detail.data.orderId === refused),
      (events) => events.some((event) => event['detail-type'] === 'ORDER_NEEDS_ATTENTION'),
    )
    expect(told.at(-1)?.detail.data.attention?.reason).toBe('ADDRESS_NOT_SERVED')

    const corrected = await cloud.request('PATCH', `/orders/${refused}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ shippingAddress: { country: 'DK' } }),
    })
    expect(corrected.status).toBe(200)
    const [dlq, queue] = [
      await queueNamed('LogisticsCarrier/DeadLetterQueue'),
      await queueNamed('LogisticsCarrier/Queue'),
    ]
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: dlq.url, MessageAttributeNames: ['All'], WaitTimeSeconds: 2 }),
    )
    const message = Messages.find(
      ({ MessageAttributes }) => MessageAttributes?.orderId?.StringValue === refused,
    )
    expect(message?.MessageAttributes?.reason?.StringValue).toBe('ADDRESS_NOT_SERVED')
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: queue.url,
        MessageBody: message?.Body,
        MessageAttributes: message?.MessageAttributes,
      }),
    )

    const ready = await cloud.follow(token, refused, isReady)
    expect(ready.timeline.map(({ type }) => type)).toEqual([
      'CREATED',
      'DEAD_LETTERED',
      'CORRECTED',
      'REDRIVEN',
      'AWB_GENERATED',
      'READY_FOR_FULFILLMENT',
    ])
    await expectOneEach('logistics', [refused])
  })
})

describe('cancelling', () => {
  const cancel = (orderId: string) =>
    cloud.request<OrderView>('POST', `/orders/${orderId}/cancellation`, {
      headers: { authorization: `Bearer ${token}` },
    })

  /** The events of an order, each once, with the lane that they are for. */
  const told = async (orderId: string) => {
    const own = (await cloud.events()).filter(({ detail }) => detail.data.orderId === orderId)
    return new Set(own.map((event) => [event['detail-type'], event.detail.data.lane].join(' ').trim()))
  }
  const hears = (orderId: string, event: string) =>
    until(
      () => told(orderId),
      (events) => events.has(event),
    )
  const isCancelled = ({ status }: OrderView) => status === 'CANCELLED'

  test('an order that waits for the carrier calls it off for good', async () => {
    await cloud.faults('logistics', { unauthorized: true })
    const orderId = await placeOne()
    await cloud.follow(token, orderId, isStuck('waiting'))

    await cancel(orderId)
    await cloud.faults('logistics', noFaults)
    await cloud.follow(token, orderId, isCancelled)
    const other = await placeOne()
    await cloud.follow(token, other, isReady)

    await hears(orderId, 'ORDER_CANCELLED')
    expect((await ledgerOf('logistics', [orderId])).filter(({ created }) => created > 0)).toEqual([])
  })

  test('an order that is ready has the warehouse and then the carrier undo their work', async () => {
    const orderId = await placeOne()
    await cloud.follow(token, orderId, isReady)

    const answer = await cancel(orderId)
    const order = await cloud.follow(token, orderId, isCancelled)
    const events = await hears(orderId, 'ORDER_CANCELLED')

    expect(answer).toMatchObject({ status: 202, body: { status: 'CANCELLING' } })
    expect(order.timeline.slice(3).map(({ type, step }) => [type, step].join(' ').trim())).toEqual([
      'CANCELLING',
      'UNDONE wms',
      'UNDONE logistics',
      'CANCELLED',
    ])
    expect([...events]).toEqual([
      'ORDER_CREATED carrier',
      'AWB_GENERATED warehouse',
      'READY_FOR_FULFILLMENT',
      'ORDER_CANCELLING warehouse',
      'ORDER_CANCELLING carrier',
      'ORDER_CANCELLED',
    ])
    for (const vendor of ['logistics', 'wms'] as const)
      expect(await ledgerOf(vendor, [orderId])).toMatchObject([{ created: 1, voided: 1 }])
    expect(await cancel(orderId)).toMatchObject({ status: 200, body: { status: 'CANCELLED' } })
  })

  test('an order whose goods have left is ready again, and can never be cancelled', async () => {
    await cloud.faults('wms', { shipped: true })
    const orderId = await placeOne()
    await cloud.follow(token, orderId, isReady)

    const answer = await cancel(orderId)
    const order = await cloud.follow(token, orderId, isReady)
    await hears(orderId, 'ORDER_CANCELLATION_REFUSED')
    await cloud.faults('wms', { shipped: false })

    expect(answer.status).toBe(202)
    expect(order.timeline.at(-1)).toMatchObject({ type: 'CANCELLATION_REFUSED', step: 'wms' })
    expect((await cancel(orderId)).status).toBe(409)
    for (const vendor of ['logistics', 'wms'] as const)
      expect(await ledgerOf(vendor, [orderId])).toMatchObject([{ created: 1, voided: 0 }])
  })

  test('an order whose carrier has no way to undo its work is a person’s', async () => {
    await cloud.faults('logistics', { voids: false })
    const orderId = await placeOne()
    await cloud.follow(token, orderId, isReady)

    await cancel(orderId)
    const order = await cloud.follow(token, orderId, isStuck('dead-lettered'))

    expect(order).toMatchObject({
      status: 'CANCELLING',
      attention: { step: 'logistics', reason: 'NO_WAY_TO_CANCEL' },
    })
    expect(await ledgerOf('wms', [orderId])).toMatchObject([{ created: 1, voided: 1 }])
    expect(await ledgerOf('logistics', [orderId])).toMatchObject([{ created: 1, voided: 0 }])
  })

  test('an order while the carrier hangs leaves nothing that is not undone', async () => {
    await cloud.faults('logistics', { timeoutAfterWork: true, idempotency: false })
    const orderId = await placeOne()
    await until(
      () => ledgerOf('logistics', [orderId]),
      ([entry]) => entry?.created === 1,
    )

    const answer = await cancel(orderId)
    await cloud.follow(token, orderId, isCancelled)

    expect(answer).toMatchObject({ status: 202, body: { status: 'CANCELLING' } })
    expect(await ledgerOf('logistics', [orderId])).toMatchObject([{ created: 1, voided: 1 }])
    for (const { created, voided } of await ledgerOf('wms', [orderId])) expect(voided).toBe(created)
  })
})

describe('nothing is lost and nothing is made twice', () => {
  test('when a worker is killed in the middle of its work', async () => {
    await cloud.faults('logistics', { latencyMs: 1500, idempotency: false })
    const ids = await placeMany(10)
    await until(
      () => ledgerOf('logistics', ids),
      (entries) => entries.some(({ createCalls, created }) => createCalls > created),
    )
    await cloud.kill('logistics-worker')
    await until(
      () => readLogs(cloud, 'logistics-worker'),
      (lines) => lines.some(({ line }) => line.includes('Runtime exited with error: signal: SIGKILL')),
    )
    await cloud.faults('logistics', { latencyMs: 0 })

    await followAll(ids, isReady)
    await expectOneEach('logistics', ids)
    await expectOneEach('wms', ids)
  })

  test('when events are lost between bus and queue', async () => {
    await cloud.dropEvents(5)
    const ids = await placeMany(5)

    await followAll(ids, isReady)
    expect(await publishedAgain(ids)).toEqual(ids)
    await expectOneEach('logistics', ids)
  })

  test('when a queue is purged', async () => {
    await cloud.faults('logistics', { latencyMs: 1000 })
    const ids = await placeMany(60)
    const { url } = await until(
      () => queueNamed('LogisticsCarrier/Queue'),
      ({ visible }) => visible > 0,
    )
    await sqs.send(new PurgeQueueCommand({ QueueUrl: url }))
    await cloud.faults('logistics', { latencyMs: 0 })

    await followAll(ids, isReady)
    expect(await publishedAgain(ids)).not.toHaveLength(0)
    await expectOneEach('logistics', ids)
  })
})
