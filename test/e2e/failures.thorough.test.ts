import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { noFaults } from '../../vendors/faults.ts'
import { until } from '../until.ts'
import { type Cloud, startCloud } from './cloud.ts'
import { createShop, happened, isReady, isStuck, type Shop } from './shop.ts'
import { readLogs } from './telemetry/measurements.ts'

let cloud: Cloud
let shop: Shop
let sqs: SQSClient

beforeAll(async () => {
  cloud = await startCloud()
  shop = createShop(cloud, await cloud.token())
  sqs = new SQSClient({
    endpoint: cloud.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  })
  await shop.warmUp()
})
afterEach(async () => {
  for (const vendor of ['logistics', 'wms'] as const) await cloud.faults(vendor, noFaults)
})
afterAll(async () => {
  sqs?.destroy()
  await cloud?.stop()
})

/** The orders whose ORDER_CREATED was published more than once, because the first did not arrive in time. */
async function publishedAgain(ids: string[]): Promise<string[]> {
  const events = (await cloud.events()).filter((event) => event['detail-type'] === 'ORDER_CREATED')
  return ids.filter((id) => events.filter(({ detail }) => detail.data.orderId === id).length > 1)
}

const queueNamed = async (name: string) => {
  const queue = (await cloud.queues()).find((each) => each.name === name)
  if (queue === undefined) throw new Error(`There is no queue ${name}`)
  return queue
}

describe('an order that its vendor keeps failing', () => {
  test('has its message in the DLQ, with what an operator needs to know', async () => {
    await cloud.faults('wms', { errorRate: 1 })
    const orderId = await shop.placeOne()

    await shop.follow(orderId, isStuck('dead-lettered'))

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
  test('is published as an event; moving its message back to the queue with any tool redrives it', async () => {
    await cloud.faults('logistics', { rejectCountries: ['IS'] })
    const address = { name: 'Jón', line1: 'Laugavegur 1', city: 'Reykjavík', country: 'IS' }
    const refused = await shop.placeOne({ shippingAddress: address })
    await shop.follow(refused, isStuck('dead-lettered'))
    const told = await until(
      async () => (await cloud.events()).filter(({ detail }) => detail.data.orderId === refused),
      (events) => events.some((event) => event['detail-type'] === 'ORDER_NEEDS_ATTENTION'),
    )
    expect(told.at(-1)?.detail.data.attention?.reason).toBe('ADDRESS_NOT_SERVED')

    await cloud.faults('logistics', { rejectCountries: [] })
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

    const ready = await shop.follow(refused, isReady)
    expect(happened(ready)).toBe('CREATED DEAD_LETTERED REDRIVEN AWB_GENERATED READY_FOR_FULFILLMENT')
    await shop.expectOneEach('logistics', [refused])
  })
})

describe('the events of an order that is cancelled', () => {
  test('are those of its steps and of their undoing, each for the lane that has to act', async () => {
    const orderId = await shop.placeOne()
    await shop.follow(orderId, isReady)

    await shop.cancel(orderId)

    const told = async () => {
      const own = (await cloud.events()).filter(({ detail }) => detail.data.orderId === orderId)
      return new Set(own.map((event) => [event['detail-type'], event.detail.data.lane].join(' ').trim()))
    }
    const events = await until(told, (all) => all.has('ORDER_CANCELLED'))
    expect([...events]).toEqual([
      'ORDER_CREATED carrier',
      'AWB_GENERATED warehouse',
      'READY_FOR_FULFILLMENT',
      'ORDER_CANCELLING warehouse',
      'ORDER_CANCELLING carrier',
      'ORDER_CANCELLED',
    ])
  })

  test('include a refusal if its goods have shipped', async () => {
    await cloud.faults('wms', { shipped: true })
    const orderId = await shop.placeOne()
    await shop.follow(orderId, isReady)

    await shop.cancel(orderId)

    await until(
      () => cloud.events(),
      (all) =>
        all.some(
          ({ 'detail-type': type, detail }) =>
            type === 'ORDER_CANCELLATION_REFUSED' && detail.data.orderId === orderId,
        ),
    )
  })
})

describe('nothing is lost and nothing is made twice', () => {
  test('when a worker is killed in the middle of its work', async () => {
    await cloud.faults('logistics', { latencyMs: 1500, idempotency: false })
    await cloud.faults('easypost', { latencyMs: 1500 })
    const ids = await shop.placeMany(10)
    const express = await shop.placeOne({ shippingService: 'express' })
    await until(
      async () => ({
        asked: await shop.ledgerOf('logistics', ids),
        express: await queueNamed('LogisticsEasypost/Queue'),
      }),
      ({ asked, express: { inFlight } }) =>
        inFlight === 1 && asked.some(({ createCalls, created }) => createCalls > created),
    )
    await cloud.kill('logistics-worker')
    await until(
      () => readLogs(cloud, 'logistics-worker'),
      (lines) => lines.some(({ line }) => line.includes('Runtime exited with error: signal: SIGKILL')),
    )
    for (const vendor of ['logistics', 'easypost'] as const) await cloud.faults(vendor, { latencyMs: 0 })

    await shop.followAll([...ids, express], isReady)
    await shop.expectOneEach('logistics', ids)
    await shop.expectOneEach('easypost', [express])
    await shop.expectOneEach('wms', [...ids, express])
  })

  test('when events are lost between bus and queue', async () => {
    await cloud.dropEvents(5)
    const ids = await shop.placeMany(5)

    await shop.followAll(ids, isReady)
    expect(await publishedAgain(ids)).toEqual(ids)
    await shop.expectOneEach('logistics', ids)
  })

  test('when a queue is purged', async () => {
    await cloud.faults('logistics', { latencyMs: 1000 })
    const ids = await shop.placeMany(60)
    const { url } = await until(
      () => queueNamed('LogisticsCarrier/Queue'),
      ({ visible }) => visible > 0,
    )
    await sqs.send(new PurgeQueueCommand({ QueueUrl: url }))
    await cloud.faults('logistics', { latencyMs: 0 })

    await shop.followAll(ids, isReady)
    expect(await publishedAgain(ids)).not.toHaveLength(0)
    await shop.expectOneEach('logistics', ids)
  })
})
