import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { SQSRecord } from 'aws-lambda'
import type { VendorJob } from '../../../lambdas/adapters/vendor-client.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { createStepWorker, withJitter } from '../../../lambdas/runtime/step-worker.ts'
import { AwsError } from '../../../local/services/aws-service.ts'
import {
  at,
  lambdaContext,
  messageBody,
  nonce,
  orderId,
  orderIdAt,
  sqsRecord,
  storedOrder,
  t0,
  vendorCode,
} from '../../builders.ts'
import { createWorld, type World } from '../step-world.ts'

const failed = { made: 'unknown', blame: 'vendor', reason: 'HTTP_500' } as const
const done = { made: 'yes', blame: 'nobody', reason: 'MADE', facts: { awb: 'AWB-1' } } as const
const refused = { made: 'no', blame: 'order', reason: vendorCode('ADDRESS_NOT_SERVED') } as const
const rateLimited = {
  made: 'no',
  blame: 'nobody',
  reason: 'RATE_LIMITED',
} as const

let world: World
beforeEach(async () => {
  world = await createWorld()
})

const work = (records: SQSRecord[], context = lambdaContext()) =>
  createStepWorker(world.deps())({ Records: records }, context)
const failures = (...messageIds: string[]) => ({
  batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })),
})
const record = sqsRecord(storedOrder())
const settled = failures()
const staysInQueue = failures('message-1')
/** What was done with the lock: it is stored by UpdateItem, and given back by DeleteItem. */
const lockCalls = () => world.db.calls.filter(({ table }) => table === 'locks').map(({ action }) => action)
const kinds = () => world.record.dimensionsOf('StepFailed').map(({ kind }) => kind)

describe('what becomes of a message', () => {
  test('done: it is settled, and its work is remembered as finished', async () => {
    await world.given()
    world.vendor.answers.push(done)

    expect(await work([record])).toEqual(settled)
    expect(lockCalls()).toEqual(['PutItem', 'UpdateItem'])
    expect(world.sqs.calls()).toEqual([])
    expect(kinds()).toEqual([])
  })

  test('done for an order with no vendor of the next step, which was added after the click: it is finished', async () => {
    await world.given({ vendors: { logistics: 'carrier' } })
    world.vendor.answers.push(done)

    expect(await work([record])).toEqual(settled)
    const order = await world.stored()
    expect(order).toMatchObject({ status: 'AWB_GENERATED', expiresAt: expect.any(Number) })
    expect(order.outboxDueAt).toBeUndefined()
  })

  test('transient: it stays in its queue, hidden until the next attempt', async () => {
    await world.given()
    world.vendor.answers.push(failed)

    expect(await work([record])).toEqual(staysInQueue)
    expect(world.hidden()).toEqual([['receipt-of-message-1', 1]])
    expect(lockCalls()).toEqual(['PutItem', 'DeleteItem'])
    expect(kinds()).toEqual(['transient'])
  })

  test('waiting: it is settled, and the order waits in the outbox', async () => {
    await world.given()
    world.vendor.answers.push({ ...rateLimited, retryAfterMs: 61_000 })

    expect(await work([record])).toEqual(settled)
    expect(world.sqs.calls()).toEqual([])
    expect(await world.stored()).toMatchObject({ outboxDueAt: at(61_000), attention: { state: 'waiting' } })
    expect(lockCalls()).toEqual(['PutItem', 'DeleteItem'])
    expect(kinds()).toEqual(['waiting'])
  })

  test('waiting for up to a minute: it stays in its queue, hidden until then', async () => {
    await world.given()
    world.vendor.answers.push({ ...rateLimited, retryAfterMs: 7000 })

    expect(await work([record])).toEqual(staysInQueue)
    expect(world.hidden()).toEqual([['receipt-of-message-1', 7]])
    expect(await world.stored()).toMatchObject({ nextAttemptAt: at(7000), attention: { state: 'waiting' } })
    expect(kinds()).toEqual(['waiting'])
  })

  test('permanent: it goes to the DLQ with all its facts, is settled, and an event is published', async () => {
    await world.given({ attempts: 2 })
    world.vendor.answers.push(refused)

    expect(await work([record])).toEqual(settled)

    expect(world.deadLetters()).toEqual([
      {
        queue: 'dlq',
        body: record.body,
        orderId,
        step: 'logistics',
        kind: 'permanent',
        reason: 'ADDRESS_NOT_SERVED',
        attempts: '2',
        deadLetterNumber: '1',
        trace: storedOrder().traceparent,
      },
    ])
    expect(world.published()).toEqual([`${orderId}:${nonce}:NEEDS_ATTENTION:logistics:1`])
    expect(await world.stored()).not.toHaveProperty('outboxEventId')
    expect(lockCalls()).toEqual(['PutItem', 'DeleteItem'])
    expect(kinds()).toEqual(['permanent'])
    expect(world.record.valuesOf('OrdersDeadLettered')).toEqual([1])
  })

  test('made, and of no use: what was made goes to the DLQ, but no link to a label, which shows the address', async () => {
    await world.given()
    const facts = { awb: 'AWB-1', label: { url: 'https://labels.example/1' } }
    world.vendor.answers.push({ made: 'yes', blame: 'order', reason: 'CANCELLED_BY_VENDOR', facts })

    expect(await work([record])).toEqual(settled)
    expect(world.deadLetters()).toMatchObject([{ answer: '{"awb":"AWB-1"}' }])
  })

  test('while another order probes an open circuit: it stays hidden for a while, not to use up its receives', async () => {
    await world.given()
    const { breaker } = world.deps()
    await breaker.pause({ orderId: 'o', reason: 'TIME_OUT', now: t0, probe: undefined, forMs: 1000 })
    world.clock.pass(1001)
    await breaker.admit('probe', world.clock.now())

    expect(await work([record])).toEqual(staysInQueue)
    expect(world.hidden()).toEqual([['receipt-of-message-1', 10]])
  })

  test('poison: it goes to the DLQ at once, and nothing else happens', async () => {
    expect(await work([sqsRecord('no event')])).toEqual(settled)

    expect(world.deadLetters()).toEqual([
      {
        queue: 'dlq',
        body: 'no event',
        orderId: 'unknown',
        step: 'logistics',
        kind: 'poison',
        reason: 'NOT_JSON',
        attempts: '0',
        deadLetterNumber: '0',
        trace: 'unknown',
      },
    ])
    expect(world.db.calls).toEqual([])
    expect(kinds()).toEqual(['poison'])
  })

  test('of an order that is dead-lettered already: it joins, and neither alarm nor event goes out twice', async () => {
    const attention = { state: 'dead-lettered', step: 'logistics', reason: 'NOPE', attempts: 5, since: at() }
    await world.given({ deadLettered: 2, deadLetterings: 2, attention } as Partial<Order>)

    expect(await work([record])).toEqual(settled)

    expect(world.deadLetters()).toMatchObject([{ deadLetterNumber: '2', reason: 'NOPE' }])
    expect(world.published()).toEqual([])
    expect(world.record.valuesOf('OrdersDeadLettered')).toEqual([])
  })
})

describe('a dead letter', () => {
  test('is recorded before it is sent, so that one which cannot be sent is sent by the next delivery', async () => {
    await world.given()
    world.vendor.answers.push(refused)
    world.sqs.on(SendMessageCommand).rejectsOnce(new Error('Down')).resolves({})

    expect(await work([record])).toEqual(staysInQueue)
    expect(await world.stored()).toMatchObject({ deadLettered: 1 })
    expect(world.published()).toEqual([])

    expect(await work([record])).toEqual(settled)
    expect(world.deadLetters().at(-1)).toMatchObject({ deadLetterNumber: '1' })
    expect(world.vendor.calls).toHaveLength(1)
  })

  test('that the bus does not take is settled all the same: the mark is there for the relay', async () => {
    await world.given()
    world.vendor.answers.push(refused)
    world.bridge.on(PutEventsCommand).rejects(new Error('Down'))

    expect(await work([record])).toEqual(settled)
    expect(await world.stored()).toMatchObject({
      outboxEventId: `${orderId}:${nonce}:NEEDS_ATTENTION:logistics:1`,
    })
  })

  test('whose mark cannot be cleared is settled anyway, or it would be in the DLQ twice', async () => {
    await world.given()
    world.vendor.answers.push(refused)
    world.db.failWhen((_action, { UpdateExpression }) => {
      if (String(UpdateExpression).startsWith('REMOVE outboxEventId')) throw new AwsError('Down', 'Down')
    })

    expect(await work([record])).toEqual(settled)
    expect(world.deadLetters()).toHaveLength(1)
  })
})

describe('the lock', () => {
  test('lets one of two deliveries work; the other comes back and says that it was locked', async () => {
    await world.given()
    world.vendor.answers.push(done)

    const twice = [sqsRecord(storedOrder()), sqsRecord(storedOrder(), { messageId: 'message-2' })]
    const response = await work(twice)

    expect(response.batchItemFailures).toHaveLength(1)
    expect(world.vendor.calls).toHaveLength(1)
    expect(world.hidden()).toEqual([[expect.anything(), 6]])
    expect(world.record.lines.map(({ facts }) => facts.reason)).toContain('LOCKED')
  })

  test('spares a finished message everything: no claim, no vendor', async () => {
    await world.given()
    world.vendor.answers.push(done)
    await work([record])
    world.db.calls.splice(0)

    expect(await work([record])).toEqual(settled)
    expect(world.db.calls.filter(({ table }) => table === 'orders')).toEqual([])
    expect(world.vendor.calls).toHaveLength(1)
  })

  test('does not change the verdict if it cannot be released', async () => {
    await world.given()
    world.vendor.answers.push(refused)
    world.db.failWhen((action) => {
      if (action === 'DeleteItem') throw new AwsError('Down', 'Down')
    })

    expect(await work([record])).toEqual(settled)
    expect(world.deadLetters()).toMatchObject([{ reason: 'ADDRESS_NOT_SERVED' }])
  })

  test('does not fail finished work if that cannot be recorded', async () => {
    await world.given()
    world.vendor.answers.push(done)
    world.db.failWhen((action, { TableName }) => {
      if (action === 'UpdateItem' && TableName === 'locks') throw new AwsError('Down', 'Down')
    })

    expect(await work([record])).toEqual(settled)
    expect(await world.stored()).toMatchObject({ status: 'AWB_GENERATED' })
  })

  test('that cannot be taken brings the message back, and the vendor is not called', async () => {
    await world.given()
    world.db.failWhen((_action, { TableName }) => {
      if (TableName === 'locks') throw new AwsError('Down', 'Down')
    })

    expect(await work([sqsRecord(storedOrder(), { receives: 3 })])).toEqual(staysInQueue)
    expect(world.hidden()).toEqual([['receipt-of-message-1', 4]])
    expect(world.vendor.calls).toEqual([])
    expect(kinds()).toEqual(['not-the-vendors'])
  })

  test('that cannot be taken costs no order its last receive: the outbox sends it again', async () => {
    await world.given()
    world.db.failWhen((_action, { TableName }) => {
      if (TableName === 'locks') throw new AwsError('Down', 'Down')
    })

    expect(await work([sqsRecord(storedOrder(), { receives: 9 })])).toEqual(settled)
    expect(world.deadLetters()).toEqual([])
    expect(await world.stored()).toHaveProperty('outboxEventId')
  })
})

describe('a message on its last receive', () => {
  const last = sqsRecord(storedOrder(), { receives: 10 })

  test('first dead-letters its order if a worker died while processing it', async () => {
    await world.given({ claim: { step: 'logistics', id: 'dead', until: at(-5), requestVersion: 1 } })

    expect(await work([last])).toEqual(settled)
    expect(world.deadLetters()).toMatchObject([{ reason: 'RECEIVED_TOO_OFTEN', kind: 'not-the-vendors' }])
    expect(await world.stored()).toMatchObject({ deadLettered: 1, attempts: 0 })
    expect(world.vendor.calls).toEqual([])
    expect(lockCalls()).toEqual([])
  })

  test('leaves an outcome unknown that an abandoned claim left open', async () => {
    await world.given({
      claim: { step: 'logistics', id: 'dead', until: at(-5), requestVersion: 1 },
      round: 1,
    })

    await work([last])

    expect(await world.stored()).toMatchObject({ unknownOutcome: { at: at(-5), round: 1 } })
  })

  test('is settled if its order is past the step', async () => {
    await world.given({ status: 'AWB_GENERATED' })

    expect(await work([last])).toEqual(settled)
    expect(world.deadLetters()).toEqual([])
  })

  test('is poison if its order does not exist', async () => {
    await work([last])

    expect(world.deadLetters()).toMatchObject([{ reason: 'ORDER_NOT_FOUND', kind: 'poison' }])
  })
})

test('a message for which no time is left comes back untouched', async () => {
  await world.given()

  expect(await work([record], lambdaContext({ remainingMs: 7999 }))).toEqual(staysInQueue)
  expect(world.db.calls).toEqual([])
  expect(world.vendor.calls).toEqual([])
})

describe('a message whose turn to call the vendor does not come in this invocation', () => {
  /** After a 429 with Retry-After. */
  beforeEach(async () => {
    await world.given()
    await world.deps().pace.slowDown({ startedAt: t0, now: t0, retryAfterMs: 30_000 })
    world.db.calls.splice(0)
  })

  test('comes back then, and takes neither lock nor claim', async () => {
    expect(await work([record])).toEqual(staysInQueue)

    expect(world.hidden()).toEqual([['receipt-of-message-1', 31]])
    expect(world.db.calls.map(({ action }) => action)).toEqual(['GetItem'])
    expect(kinds()).toEqual(['waiting'])
  })

  test('is left to the outbox on its last receive but one', async () => {
    expect(await work([sqsRecord(storedOrder(), { receives: 9 })])).toEqual(settled)

    expect(await world.stored()).toMatchObject({ attempts: 0, outboxEventId: expect.anything() })
    expect(world.deadLetters()).toEqual([])
  })
})

test('the message that has come back most often is the first of its batch to get a turn', async () => {
  const receives = [1, 3, 2]
  for (const count of receives) await world.given({ orderId: orderIdAt(count) })
  const asked: string[] = []
  const deps = world.deps()
  const create = async ({ order }: VendorJob) => {
    asked.push(order.orderId)
    return done
  }
  const slow = { ...deps.pace, current: async () => ({ perSecond: 1, from: 0 }) }
  const worker = createStepWorker({ ...deps, pace: slow, client: { ...deps.client, create } })

  await worker(
    {
      Records: receives.map((count) =>
        sqsRecord(storedOrder({ orderId: orderIdAt(count) }), { messageId: `${count}`, receives: count }),
      ),
    },
    lambdaContext(),
  )

  expect(asked).toEqual([3, 2, 1].map((count) => orderIdAt(count)))
})

test('of a batch, each message has its own fate, and none touches another', async () => {
  const orders = [1, 2, 3, 4].map((number) => storedOrder({ orderId: orderIdAt(number) }))
  for (const order of orders) await world.db.put('orders', order)
  const deps = world.deps()
  const create = async ({ order: { orderId: id } }: VendorJob) => {
    if (id === orderIdAt(1)) return done
    if (id === orderIdAt(2)) return failed
    if (id === orderIdAt(3)) return refused
    throw new Error('The secret cannot be read')
  }
  const records = [
    ...orders.map((order, index) => sqsRecord(order, { messageId: `message-${index + 1}` })),
    sqsRecord('no event', { messageId: 'message-5' }),
  ]

  const worker = createStepWorker({ ...deps, client: { ...deps.client, create } })
  const response = await worker({ Records: records }, lambdaContext())

  const failedIds = response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()
  expect(failedIds).toEqual(['message-2', 'message-4'])
  expect(
    world
      .deadLetters()
      .map(({ reason }) => reason)
      .sort(),
  ).toEqual(['ADDRESS_NOT_SERVED', 'NOT_JSON'])
  expect(await world.stored(orderIdAt(1))).toMatchObject({ status: 'AWB_GENERATED' })
})

test('a batch in which every message fails is not an error of the function', async () => {
  await world.given()
  world.vendor.answers.push(failed)

  await expect(work([record])).resolves.toEqual(staysInQueue)
})

test('no line identifies a person', async () => {
  await world.given()
  world.vendor.answers.push(refused)

  await work([record])

  const text = JSON.stringify([world.record.lines, world.deadLetters().map(({ body, ...rest }) => rest)])
  expect(text).not.toMatch(/Ada|Luisenstr|Münster/)
  expect(messageBody(storedOrder())).not.toMatch(/Ada|Luisenstr|Münster/)
})

test.each([
  [1000, 1000, 0.99, 1000],
  [5000, 1000, 0.99, 5000],
  [20_000, 1000, 0, 20_000],
  [20_000, 1000, 0.99, 22_000],
  [60_000, 1000, 0.5, 63_000],
  [60_000, 1000, 0.99, 66_000],
  [60_000, 1700, 0.99, 60_000 + 3 * 1700],
])('a wait of %d ms, in units of %d, becomes at random %d one of %d', (ms, unitMs, random, inMs) => {
  expect(withJitter(ms, unitMs, () => random)).toBe(inMs)
})
