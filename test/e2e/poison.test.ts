import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '../until.ts'
import { type Cloud, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'

let cloud: Cloud
let sqs: SQSClient

beforeAll(async () => {
  cloud = await startCloud()
  sqs = new SQSClient({
    endpoint: cloud.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  })
})
afterAll(async () => {
  sqs?.destroy()
  await cloud?.stop()
})

const urlOf = async (name: string): Promise<string> => {
  const queue = (await cloud.queues()).find((each) => each.name === name)
  if (queue === undefined) throw new Error(`There is no queue ${name}`)
  return queue.url
}

/** Receives and deletes this many messages. */
async function take(queueUrl: string, count: number): Promise<Message[]> {
  const taken: Message[] = []
  const takeBatch = async () => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MessageAttributeNames: ['All'],
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 5,
      }),
    )
    if (Messages.length === 0) return taken
    taken.push(...Messages)
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
    return taken
  }
  const distinct = (messages: Message[]) => new Set(messages.map(({ Body }) => Body)).size
  return until(takeBatch, (messages) => distinct(messages) >= count, { everyMs: 0 })
}

const unknownOrder = `ord_${'f'.repeat(32)}`
const event = (detailType: unknown, detail: unknown) => JSON.stringify({ 'detail-type': detailType, detail })
const detail = (orderId: unknown, lane: string) => ({
  metadata: { eventId: `${orderId}:CREATED` },
  data: { orderId, lane },
})

describe.each([
  ['LogisticsCarrier', 'ORDER_CREATED', 'carrier', 'warehouse'],
  ['WmsWarehouse', 'AWB_GENERATED', 'warehouse', 'carrier'],
])('a poison message in the %s queue', (step, detailType, lane, otherLane) => {
  test('goes to the DLQ at once with its reason, and blocks no other message of its batch', async () => {
    const poison: [string, string][] = [
      ['NOT_JSON', 'not json at all'],
      ['NOT_JSON', '{"detail":'],
      ['NOT_AN_EVENT', 'null'],
      ['NOT_AN_EVENT', '[]'],
      ['NOT_AN_EVENT', '"text"'],
      ['NOT_AN_EVENT', '42'],
      ['NOT_AN_EVENT', '{}'],
      ['NOT_AN_EVENT', event(detailType, undefined)],
      ['NOT_AN_EVENT', event(detailType, { metadata: {}, data: {} })],
      ['NOT_AN_EVENT', event(detailType, detail('someone', lane))],
      ['NOT_AN_EVENT', event(detailType, detail(`${unknownOrder}; DROP`, lane))],
      ['NOT_AN_EVENT', event(detailType, { ...detail(unknownOrder, lane), metadata: { eventId: '' } })],
      ['NOT_AN_EVENT', event(detailType, JSON.stringify(detail(unknownOrder, lane)))],
      ['WRONG_LANE', event(detailType, detail(unknownOrder, otherLane))],
      ['ORDER_NOT_FOUND', event(detailType, detail(unknownOrder, lane))],
      ['NOT_JSON', 'Ü'.repeat(100_000)],
    ]
    const queueUrl = await urlOf(`${step}/Queue`)
    const token = await cloud.token()
    const placed = await cloud.place(token, sampleOrder(`among-poison-${step}`))

    for (let done = 0; done < poison.length; done += 10)
      await sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: poison
            .slice(done, done + 10)
            .map(([, MessageBody], index) => ({ Id: String(index), MessageBody })),
        }),
      )

    const dead = await take(await urlOf(`${step}/DeadLetterQueue`), poison.length)
    const told = dead.map(({ Body, MessageAttributes }) => [MessageAttributes?.reason?.StringValue, Body])
    // A queue may hold a message twice, because the SDK repeats a send that got no response in time.
    const all = (messages: unknown[]) => new Set(messages.map((message) => JSON.stringify(message)))
    expect(all(told)).toEqual(all([...poison]))
    expect(new Set(dead.map(({ MessageAttributes }) => MessageAttributes?.kind?.StringValue))).toEqual(
      new Set(['poison']),
    )
    await cloud.follow(token, placed.body.orderId, ({ status }) => status === 'READY_FOR_FULFILLMENT')
  })
})
