import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { SQSRecord } from 'aws-lambda'
import { parseStepMessage } from '../../../lambdas/runtime/event-message.ts'
import { type RedriveDeps, redriveDeadLetters, redriveOf } from '../../../ops/dead-letters/redrive.ts'
import { nonce, orderId, orderIdAt, sqsRecord, storedOrder, t0, without } from '../../builders.ts'
import { createOrders, createQueues, operator, type Queues } from './queues.ts'

let queues: Queues
let orders: ReturnType<typeof createOrders>
beforeEach(async () => {
  queues = await createQueues()
  orders = createOrders()
})
afterEach(() => queues.stop())

const deps = (change: Partial<RedriveDeps> = {}) => queues.deps(orders.repository, change)
/** The order ids of a queue's visible messages. */
const ordersIn = (queue: string) =>
  queues.look(queue).visible.map(({ body }) => JSON.parse(body).detail.data.orderId)

/** A client that runs `before` on each SendMessage; if that throws, the call fails. */
const sqsThat = (before: () => void): SQSClient => {
  const client = Object.create(queues.sqs)
  client.send = async (command: object) => {
    if (command instanceof SendMessageCommand) before()
    return queues.sqs.send(command as SendMessageCommand)
  }
  return client
}

const fast = 1000

describe('dlq redrive', () => {
  test("sends an order's message to its lane, and deletes the one in the DLQ", async () => {
    await queues.deadLetter(orders.stuck())

    const { json } = await redriveDeadLetters(deps(), {}, fast)

    expect(json).toMatchObject({ orders: 1, messages: 0, failed: 0 })
    expect(queues.look('carrier-dlq')).toEqual({ visible: [], hidden: 0 })
    expect(ordersIn('carrier-queue')).toEqual([orderId])
  })

  test('records on the order who redrives it and why, before it sends the message', async () => {
    orders.stuck()
    const sqs = sqsThat(() => {
      throw new Error('the queue is throttled')
    })

    await redriveDeadLetters(deps({ sqs }), {}, fast)

    const order = await orders.repository.get(orderId)
    expect(order?.timeline.at(-1)).toMatchObject({ type: 'REDRIVE_REQUESTED', by: 'operator' })
    expect(order?.audit).toEqual([expect.objectContaining({ action: 'REDRIVE_REQUESTED', ...operator })])
  })

  test('does not send an order that has moved on since it was read', async () => {
    const order = orders.stuck()
    const repository = { ...orders.repository, get: async () => without(order, 'deadLettered') }

    const stale = deps({ repository })
    const { json } = await redriveDeadLetters(stale, {}, fast)

    expect(json).toMatchObject({ orders: 0, failed: 1 })
    expect(stale.told).toEqual([
      `carrier  ${orderId}  ADDRESS_NOT_SERVED  failed: CommandError: the order has moved on`,
    ])
    expect(ordersIn('carrier-queue')).toEqual([])
  })

  test('needs no message in a DLQ', async () => {
    const order = orders.stuck({}, { number: 3 })

    const { json } = await redriveDeadLetters(deps(), { order: orderId }, fast)

    expect(json).toMatchObject({ orders: 1 })
    const [message] = queues.look('carrier-queue').visible
    const record: SQSRecord = {
      ...sqsRecord(message?.body ?? ''),
      messageAttributes: {
        deadLetterNumber: {
          dataType: 'Number',
          stringValue: message?.messageAttributes.deadLetterNumber?.StringValue ?? '',
        },
      },
    }
    expect(parseStepMessage(record, 'carrier')).toMatchObject({
      eventId: `${orderId}:${nonce}:CREATED`,
      orderId,
      deadLetterNumber: order.deadLettered,
      receives: 1,
    })
  })

  test('keeps the message of a dead-lettering after the redrive', async () => {
    await queues.deadLetter(orders.stuck())
    const sqs = sqsThat(() => orders.stuck({}, { number: 2 }))
    await queues.deadLetter({ ...storedOrder(), deadLettered: 2 })

    await redriveDeadLetters(deps({ sqs }), {}, fast)

    const left = queues.look('carrier-dlq').visible
    expect(left.map(({ messageAttributes }) => messageAttributes.deadLetterNumber?.StringValue)).toEqual([
      '2',
    ])
  })

  test('redrives only orders of the given lane, reason and age', async () => {
    orders.stuck({ orderId: orderIdAt(1) }, { reason: 'NO_STOCK' })
    orders.stuck({ orderId: orderIdAt(2) }, { reason: 'NO_STOCK.IN_BERLIN' })
    orders.stuck({ orderId: orderIdAt(3), status: 'AWB_GENERATED' }, { step: 'wms', reason: 'NO_STOCK' })
    orders.stuck({ orderId: orderIdAt(4) }, { atMs: Date.now() })

    await redriveDeadLetters(deps(), { lane: 'warehouse', reason: 'NO_STOCK' }, fast)
    await redriveDeadLetters(deps(), { reason: 'NO_STOCK.IN_BERLIN' }, fast)
    await redriveDeadLetters(deps(), { reason: 'ADDRESS_NOT_SERVED', olderThan: 60_000 }, fast)

    expect(ordersIn('warehouse-queue')).toEqual([orderIdAt(3)])
    expect(ordersIn('carrier-queue')).toEqual([orderIdAt(2)])
  })

  test('keeps the message in the DLQ if the redrive cannot be sent', async () => {
    await queues.deadLetter(orders.stuck({ orderId: orderIdAt(1) }))
    await queues.deadLetter(orders.stuck({ orderId: orderIdAt(2) }, { atMs: t0 + 1 }))
    let sends = 0
    const sqs = sqsThat(() => {
      sends += 1
      if (sends === 1) throw new Error('the queue is throttled')
    })
    const failing = deps({ sqs })

    const { json, incomplete } = await redriveDeadLetters(failing, {}, fast)

    expect(incomplete).toBe(true)
    expect(json).toMatchObject({ orders: 1, failed: 1 })
    expect(failing.told[0]).toBe(
      `carrier  ${orderIdAt(1)}  ADDRESS_NOT_SERVED  failed: Error: the queue is throttled`,
    )
    expect(ordersIn('carrier-dlq')).toEqual([orderIdAt(1)])
    expect(ordersIn('carrier-queue')).toEqual([orderIdAt(2)])
  })

  test('is incomplete if not all messages in the DLQs were read', async () => {
    await queues.deadLetter(orders.stuck())
    let time = t0
    const now = () => {
      time += 540_000
      return time
    }

    // The order's message is kept, and would become visible before the next poll.
    const { lines, incomplete } = await redriveDeadLetters(deps({ now }), { reason: 'NO_STOCK' }, fast)

    expect(lines).toEqual([
      'Redrove 0 orders and 0 messages of local.',
      'Not all messages in the DLQs were read.',
    ])
    expect(incomplete).toBe(true)
  })

  test('sends no more messages per second than its rate', async () => {
    for (let i = 0; i < 6; i++) orders.stuck({ orderId: orderIdAt(i) })
    const sentAt: number[] = []
    const sqs = sqsThat(() => sentAt.push(performance.now()))

    await redriveDeadLetters(deps({ sqs }), {}, 4)

    expect(sentAt).toHaveLength(6)
    expect((sentAt[5] ?? 0) - (sentAt[0] ?? 0)).toBeGreaterThanOrEqual(990)
  })

  test('sends undelivered events to the queue that they were for', async () => {
    const order = orders.put(storedOrder())
    await queues.send(queues.urlOf('carrier-undelivered'), sqsRecord(order).body, {
      ERROR_CODE: { DataType: 'String', StringValue: 'NO_PERMISSIONS' },
    })

    const { json } = await redriveDeadLetters(deps(), { reason: 'NO_PERMISSIONS' }, fast)

    expect(json).toMatchObject({ orders: 0, messages: 1 })
    expect(queues.look('carrier-undelivered').visible).toHaveLength(0)
    expect(queues.look('carrier-queue').visible[0]?.body).toBe(sqsRecord(order).body)
  })

  test('also sends back messages that are not order events, since their worker may be fixed now', async () => {
    await queues.send(queues.urlOf('carrier-dlq'), 'not JSON')

    await redriveDeadLetters(deps(), {}, fast)

    expect(queues.look('carrier-queue').visible.map(({ body }) => body)).toEqual(['not JSON'])
  })

  test.each([
    {
      missing: 'a message',
      selection: { message: 'no-such' },
      says: 'There are no dead letters with message no-such.',
      exitCode: 3,
    },
    {
      missing: 'an order',
      selection: { order: orderIdAt(9) },
      says: `There are no dead letters with order ${orderIdAt(9)}.`,
      exitCode: 3,
    },
  ])('fails if $missing does not exist', async (row) => {
    await expect(redriveDeadLetters(deps(), row.selection, fast)).rejects.toMatchObject({
      message: row.says,
      exitCode: row.exitCode,
    })
  })

  test('says if nothing matches its filter', async () => {
    orders.stuck()

    const { lines } = await redriveDeadLetters(deps(), { reason: 'NO_STOCK', olderThan: 60_000 }, fast)

    expect(lines).toEqual(['There are no dead letters with reason NO_STOCK, an age over 1 min.'])
  })

  test('redrives nothing for an order that is not dead-lettered', async () => {
    orders.put(storedOrder())

    await expect(redriveDeadLetters(deps(), { order: orderId }, fast)).rejects.toMatchObject({
      message: `There are no dead letters with order ${orderId}.`,
      exitCode: 3,
    })
  })
})

test('a redrive continues the trace of its order', () => {
  expect(redriveOf(orders.stuck(), queues.deadLetterQueues).message).toMatchObject({
    QueueUrl: queues.urlOf('carrier-queue'),
    MessageSystemAttributes: {
      AWSTraceHeader: {
        StringValue: 'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
      },
    },
  })
})
