import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { SQSRecord } from 'aws-lambda'
import { changed } from '../../../lambdas/domain/change.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { deadLettered } from '../../../lambdas/domain/step-changes.ts'
import { parseStepMessage } from '../../../lambdas/runtime/step-message.ts'
import type { DlqDeps } from '../../../ops/dead-letters/queues.ts'
import { redriveDeadLetters, redriveFromOrder } from '../../../ops/dead-letters/redrive.ts'
import {
  at,
  graceMs,
  nonce,
  orderId,
  orderIdAt,
  sqsRecord,
  storedOrder,
  t0,
  vendorCode,
} from '../../builders.ts'
import { createQueues, type Queues } from './queues.ts'

let queues: Queues
let orders: Order[]
beforeEach(async () => {
  queues = await createQueues()
  orders = []
})
afterEach(() => queues.stop())

const refusal = {
  reason: vendorCode('ADDRESS_NOT_SERVED'),
  failure: 'permanent',
  question: undefined,
} as const

/** An order that is dead-lettered for the nth time. */
function stuckOrder(change: Partial<Order> = {}, number = 1): Order {
  const order = storedOrder({ ...change, deadLetterings: number - 1 })
  const stuck = changed(order, deadLettered(order, 'logistics', refusal, { now: t0, graceMs }))
  orders.push(stuck)
  return stuck
}

const deps = (change: Partial<DlqDeps> = {}): DlqDeps => ({
  environment: { name: 'local', sqs: queues.sqs, workers: queues.workers },
  repository: {
    get: async (id) => orders.find((order) => order.orderId === id),
    getAll: async (ids) => orders.filter((order) => ids.includes(order.orderId)),
  },
  signal: new AbortController().signal,
  now: Date.now,
  ...change,
})

/** A client whose SendMessage calls run `before`, which may refuse them by throwing. */
const sqsThat = (before: () => void): SQSClient => {
  const client = Object.create(queues.sqs)
  client.send = async (command: object) => {
    if (command instanceof SendMessageCommand) before()
    return queues.sqs.send(command as SendMessageCommand)
  }
  return client
}

const fast = { rate: 1000 }

describe('redriving', () => {
  test('sends a message back as it was, with every attribute, and takes it out of the DLQ', async () => {
    await queues.deadLetter(stuckOrder())
    const [before] = queues.look('logistics-dlq').visible

    const { json } = await redriveDeadLetters(deps(), {}, fast)

    expect(json).toMatchObject({
      redriven: [{ orderId, reason: 'ADDRESS_NOT_SERVED', deadLetterNumber: 1 }],
      left: 0,
    })
    expect(queues.look('logistics-dlq')).toEqual({ visible: [], hidden: 0 })
    const [after] = queues.look('logistics-queue').visible
    expect(after?.body).toBe(before?.body)
    expect(after?.messageAttributes).toEqual(before?.messageAttributes)
  })

  test('redrives only messages of the step, reason and age that were asked for', async () => {
    await queues.deadLetter(stuckOrder({ orderId: orderIdAt(1) }), { reason: 'TIME_OUT' })
    await queues.deadLetter(stuckOrder({ orderId: orderIdAt(2) }), { reason: 'WAITED_TOO_LONG:TIME_OUT' })
    await queues.deadLetter(stuckOrder({ orderId: orderIdAt(3) }), { reason: 'TIME_OUT', step: 'wms' })

    const young = await redriveDeadLetters(deps(), { olderThan: 60_000 }, fast)
    const waited = await redriveDeadLetters(deps(), { reason: 'WAITED_TOO_LONG' }, fast)
    const atStep = await redriveDeadLetters(deps(), { step: 'wms', reason: 'TIME_OUT' }, fast)

    expect(young.json).toMatchObject({ redriven: [] })
    expect(waited.json).toMatchObject({ redriven: [{ orderId: orderIdAt(2) }] })
    expect(atStep.json).toMatchObject({ redriven: [{ orderId: orderIdAt(3) }] })
    expect(queues.look('logistics-dlq').visible).toHaveLength(1)
  })

  test('changes nothing in a dry run', async () => {
    await queues.deadLetter(stuckOrder())

    const { json, text } = await redriveDeadLetters(deps(), {}, { ...fast, dryRun: true })

    expect(json).toMatchObject({ dryRun: true, wouldRedrive: [{ orderId }] })
    expect(text).toContain('Would redrive 1 message of local.')
    expect(queues.look('logistics-dlq').visible).toHaveLength(1)
    expect(queues.look('logistics-queue').visible).toHaveLength(0)
  })

  test('leaves a message visible in the DLQ if it cannot be sent', async () => {
    await queues.deadLetter(stuckOrder({ orderId: orderIdAt(1) }))
    await queues.deadLetter(stuckOrder({ orderId: orderIdAt(2) }))
    let sends = 0
    const sqs = sqsThat(() => {
      sends += 1
      if (sends === 1) throw new Error('the queue is throttled')
    })

    const { json, incomplete } = await redriveDeadLetters(
      deps({ environment: { name: 'local', sqs, workers: queues.workers } }),
      {},
      fast,
    )

    expect(incomplete).toBe(true)
    expect(json).toMatchObject({
      redriven: [{ orderId: orderIdAt(2) }],
      failed: [{ orderId: orderIdAt(1), error: 'Error: the queue is throttled' }],
    })
    expect(queues.look('logistics-dlq').visible).toHaveLength(1)
    expect(queues.look('logistics-queue').visible).toHaveLength(1)
  })

  test('stops if interrupted, makes the rest visible again, and goes on when it is repeated', async () => {
    for (let i = 0; i < 5; i++) await queues.deadLetter(stuckOrder({ orderId: orderIdAt(i) }))
    const interruption = new AbortController()
    const sqs = sqsThat(() => interruption.abort())
    const environment = { name: 'local' as const, sqs, workers: queues.workers }

    const first = await redriveDeadLetters(
      deps({ environment, signal: interruption.signal }),
      {},
      { rate: 2 },
    )
    const left = queues.look('logistics-dlq').visible.length
    const second = await redriveDeadLetters(deps(), {}, fast)

    expect(first).toMatchObject({ incomplete: true, json: { left: 3 } })
    expect(left).toBe(3)
    expect(second.json).toMatchObject({ left: 0 })
    expect(new Set(queues.look('logistics-queue').visible.map(({ body }) => body)).size).toBe(5)
  })

  test('sends no more messages per second than its rate', async () => {
    for (let i = 0; i < 6; i++) await queues.deadLetter(stuckOrder({ orderId: orderIdAt(i) }))
    const sentAt: number[] = []
    const sqs = sqsThat(() => sentAt.push(performance.now()))
    const environment = { name: 'local' as const, sqs, workers: queues.workers }

    await redriveDeadLetters(deps({ environment }), {}, { rate: 4 })

    expect(sentAt).toHaveLength(6)
    expect((sentAt[5] ?? 0) - (sentAt[0] ?? 0)).toBeGreaterThanOrEqual(990)
  })

  test('gives a message its order’s current number, so that the worker recognizes the redrive', async () => {
    await queues.deadLetter(stuckOrder({}, 2), { deadLetterNumber: 1 })

    await redriveDeadLetters(deps(), { order: orderId }, fast)

    const [message] = queues.look('logistics-queue').visible
    expect(message?.messageAttributes.deadLetterNumber?.StringValue).toBe('2')
    expect(message?.messageAttributes.reason?.StringValue).toBe('ADDRESS_NOT_SERVED')
  })

  test('makes the message of a dead-lettered order that no DLQ has', async () => {
    const order = stuckOrder({}, 3)

    const { json } = await redriveDeadLetters(deps(), { order: orderId }, fast)

    expect(json).toMatchObject({ redriven: [{ orderId, step: 'logistics', madeFromOrder: true }] })
    const [message] = queues.look('logistics-queue').visible
    const record: SQSRecord = {
      ...sqsRecord(message?.body ?? ''),
      messageAttributes: {
        deadLetterNumber: {
          dataType: 'Number',
          stringValue: message?.messageAttributes.deadLetterNumber?.StringValue ?? '',
        },
      },
    }
    expect(parseStepMessage(record, 'logistics')).toEqual({
      eventId: `${orderId}:${nonce}:CREATED`,
      orderId,
      deadLetterNumber: order.deadLettered,
      isNothingMade: false,
      receives: 1,
    })
  })

  test('sends what EventBridge could not deliver to the queue that it was for', async () => {
    const order = storedOrder()
    orders.push(order)
    await queues.send(queues.workers[0]?.undeliveredQueueUrl, sqsRecord(order).body, {
      ERROR_CODE: { DataType: 'String', StringValue: 'NO_PERMISSIONS' },
    })

    const { json } = await redriveDeadLetters(deps(), { reason: 'NO_PERMISSIONS' }, fast)

    expect(json).toMatchObject({ redriven: [{ orderId, queue: 'undelivered' }] })
    expect(queues.look('logistics-undelivered').visible).toHaveLength(0)
    expect(queues.look('logistics-queue').visible[0]?.body).toBe(sqsRecord(order).body)
  })

  test('sends back what is no order event, too, since an operator may have fixed its worker', async () => {
    await queues.send(queues.workers[0]?.deadLetterQueueUrl, 'not JSON')

    await redriveDeadLetters(deps(), {}, fast)

    expect(queues.look('logistics-queue').visible.map(({ body }) => body)).toEqual(['not JSON'])
  })

  test.each([
    {
      missing: 'a message',
      selection: { message: 'no-such' },
      says: 'No DLQ has a message no-such.',
      exitCode: 3,
    },
    {
      missing: 'an order',
      selection: { order: orderIdAt(9) },
      says: `There is no order ${orderIdAt(9)}.`,
      exitCode: 3,
    },
    {
      missing: 'a step',
      selection: { step: 'moon' },
      says: 'There is no step moon: logistics, wms.',
      exitCode: 2,
    },
  ])('fails if $missing was named that does not exist', async (row) => {
    await expect(redriveDeadLetters(deps(), row.selection, fast)).rejects.toMatchObject({
      message: row.says,
      exitCode: row.exitCode,
    })
  })

  test('has nothing to redrive for an order that is not dead-lettered', async () => {
    orders.push(storedOrder())

    await expect(redriveDeadLetters(deps(), { order: orderId }, fast)).rejects.toMatchObject({
      message: `Order ${orderId} is CREATED and not dead-lettered: there is nothing to redrive.`,
      exitCode: 3,
    })
  })
})

describe('a message made from an order', () => {
  const workers = [
    { worker: 'logistics', queueUrl: 'queue', deadLetterQueueUrl: 'dlq', undeliveredQueueUrl: undefined },
  ]
  const attention: Order['attention'] = {
    state: 'dead-lettered',
    step: 'logistics',
    reason: 'NOPE',
    attempts: 5,
    since: at(),
  }

  test('continues the trace of the order', () => {
    const redrive = redriveFromOrder(storedOrder({ deadLettered: 1, attention }), workers)

    expect(redrive).toMatchObject({
      orderId,
      targetUrl: 'queue',
      traceHeader: 'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
    })
  })

  test('does not exist for an order that is not dead-lettered', () => {
    expect(redriveFromOrder(storedOrder(), workers)).toBeUndefined()
  })
})
