import { beforeEach, describe, expect, test } from '@jest/globals'
import { createState } from '../../../local/console/state.ts'
import { createTables, orderItem, topology } from './tables.ts'

const attentionOf = (state: string, reason = 'TIME_OUT') => ({
  attention: { state, step: 'logistics', reason },
})
const deadLettered = {
  ...attentionOf('dead-lettered', 'ADDRESS_NOT_SERVED'),
  outboxPartition: 'announcement#0',
  deadLetterPartition: 'carrier#0',
  deadLetteredAt: '2026-11-22T12:00:05.000Z',
}
const queue = (name: string, visible = 0, inFlight = 0, delayed = 0) => {
  const isDead = name.endsWith('DeadLetterQueue')
  return { name, url: name, arn: name, visible, inFlight, delayed, deadLetterQueue: isDead }
}

/** A message in a dead-letter queue, with the attributes that the worker sets. */
const message = (messageId: string, body: unknown, attributes: Record<string, string> = {}) => ({
  messageId,
  body: typeof body === 'string' ? body : JSON.stringify({ detail: body }),
  sentTimestamp: Date.parse('2026-11-22T12:00:09.000Z'),
  messageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  ),
})
const about = (orderId: string, eventId = `${orderId}:CREATED`) => ({
  metadata: { eventId },
  data: { orderId },
})

describe('the picture', () => {
  let inQueue: Record<string, ReturnType<typeof message>[]>
  let stored: ReturnType<typeof createTables>
  beforeEach(() => {
    inQueue = {}
    stored = createTables()
  })
  const watched = () => {
    const { tables } = stored
    const sqs = {
      peek: (url: string) => inQueue[url] ?? [],
      urlOf: (arn: unknown) => String(arn),
      queues: () => [
        queue('Carrier/Queue', 0, 1, 0),
        queue('Carrier/DeadLetterQueue', inQueue['Carrier/DeadLetterQueue']?.length),
        queue('Warehouse/Queue', 0, 0, 1),
        queue('Mail/DeadLetterQueue'),
      ],
    }
    return createState({ topology, sqs, tables, vendors: {} })
  }
  const write = (orderId: string, more: object) => stored.put('orders', orderItem(orderId, more))

  test('counts an order as waiting for a vendor only if it is recorded as waiting, not in transit or lost', () => {
    write('on its way', { outboxPartition: 'carrier#0' })
    write('retried', { outboxPartition: 'carrier#1', ...attentionOf('retrying') })
    write('waiting', { outboxPartition: 'carrier#f', ...attentionOf('waiting') })
    write('of the warehouse', { outboxPartition: 'warehouse#0' })
    write('announced only', { outboxPartition: 'announcement#0' })
    write('finished', { status: 'READY_FOR_FULFILLMENT' })

    const { vendors, queues } = watched().now()

    expect(vendors).toMatchObject({
      carrier: { unfinished: 3, waiting: 1 },
      warehouse: { unfinished: 1, waiting: 0 },
    })
    expect(queues['Carrier/Queue']).toMatchObject({ visible: 0, inFlight: 1, delayed: 0 })
  })

  test('counts the steps that each vendor has completed', () => {
    const vendors = { logistics: 'carrier', wms: 'warehouse' }
    write('ord_1', { vendors, made: { logistics: { round: 0 }, wms: { round: 0 } } })
    write('ord_2', { vendors, made: { logistics: { round: 0 } } })

    expect(watched().now().vendors).toMatchObject({ carrier: { done: 2 }, warehouse: { done: 1 } })
  })

  test('has the latest state of the circuits', () => {
    const circuit = { vendor: 'carrier', state: 'open', since: 1, until: 2, reason: 'TIME_OUT' }
    stored.put('circuits', { vendor: 'carrier', state: 'closed' })
    stored.put('circuits', circuit)

    expect(watched().now().vendors).toMatchObject({
      carrier: { circuit },
      warehouse: { circuit: undefined },
    })
  })

  test('forgets an order that is deleted', () => {
    write('ord_1', { outboxPartition: 'carrier#0' })
    stored.writes.emit('write', 'orders', { orderId: { S: 'ord_1' } }, undefined)

    expect(watched().now().vendors.carrier).toMatchObject({ unfinished: 0 })
  })

  test('counts a dead-lettered order once, in its lane, however many messages it has', () => {
    write('ord_1', deadLettered)
    const first = message('m-1', about('ord_1'), { reason: 'TIME_OUT', deadLetterNumber: '1' })
    inQueue['Carrier/DeadLetterQueue'] = [first, { ...first, messageId: 'm-2' }]
    const { now, deadLetters } = watched()

    expect(now()).toMatchObject({ dead: 1, queues: { 'Carrier/DeadLetterQueue': { dead: 1 } } })
    expect(deadLetters()).toEqual([
      {
        messageId: 'ord_1',
        orderId: 'ord_1',
        queue: 'Carrier/DeadLetterQueue',
        reason: 'ADDRESS_NOT_SERVED',
        at: Date.parse(deadLettered.deadLetteredAt),
      },
    ])
  })

  test('does not count an order that has been cancelled, although its message is still there', () => {
    write('ord_1', deadLettered)
    inQueue['Carrier/DeadLetterQueue'] = [message('m-1', about('ord_1'), { deadLetterNumber: '1' })]
    const { now } = watched()
    expect(now().dead).toBe(1)

    write('ord_1', { status: 'CANCELLED' })

    expect(now()).toMatchObject({
      dead: 0,
      queues: { 'Carrier/DeadLetterQueue': { visible: 1, dead: 0 } },
    })
  })

  test.each<[string, string, object | string, Record<string, string>, number]>([
    ['cannot be read', 'Carrier/DeadLetterQueue', 'x', {}, 1],
    ['is of an order that there never was', 'Carrier/DeadLetterQueue', about('ord_9'), {}, 1],
    ['is of a listener', 'Mail/DeadLetterQueue', about('ord_1'), { reason: 'MAIL' }, 1],
    ['is of no dead-lettering', 'Carrier/DeadLetterQueue', about('ord_1'), { deadLetterNumber: '0' }, 1],
    ['its order still owes', 'Carrier/DeadLetterQueue', about('ord_1'), {}, 1],
    ['did not reach the queue', 'Carrier/UndeliveredQueue', about('ord_1'), { ERROR_CODE: 'NO' }, 1],
    ['its order is past', 'Carrier/DeadLetterQueue', about('ord_1', 'earlier'), {}, 0],
    ['did not reach the queue in time', 'Carrier/UndeliveredQueue', about('ord_1', 'earlier'), {}, 0],
  ])('counts a message that %s: in %s', (_what, name, body, attributes, count) => {
    write('ord_1', { outboxPartition: 'carrier#0', outboxEventId: 'ord_1:CREATED' })
    inQueue[name] = [message('m-1', body, attributes)]

    expect(watched().now().dead).toBe(count)
  })
})
