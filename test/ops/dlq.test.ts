import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { discardDeadLetters, listDeadLetters } from '../../ops/dlq.ts'
import type { Filter } from '../../ops/orders/listing.ts'
import { at, nonce, orderId, orderIdAt, storedOrder, t0 } from '../builders.ts'
import { createOrders, createQueues, type Queues } from './dead-letters/queues.ts'

let queues: Queues
let folder: string
let orders: ReturnType<typeof createOrders>
beforeEach(async () => {
  queues = await createQueues()
  orders = createOrders()
  folder = mkdtempSync(join(tmpdir(), 'discard-'))
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await queues.stop()
})

const list = (filter: Filter = {}, limit = 10) =>
  listDeadLetters(queues.deps(orders.repository, { now: () => t0 + 61_000 }), filter, limit)

describe('dlq list', () => {
  test('lists each order in the index, with or without a message, and each message of no such order', async () => {
    await queues.deadLetter(orders.stuck({ orderId: orderIdAt(1) }, { atMs: t0 + 1000 }))
    orders.stuck({ orderId: orderIdAt(2) })
    orders.stuck({ orderId: orderIdAt(3), status: 'AWB_GENERATED' }, { step: 'wms', reason: 'NO_STOCK' })
    await queues.send(queues.urlOf('warehouse-undelivered'), 'x')
    await queues.send(queues.urlOf('carrier-dlq'), 'no event')

    const { json, lines } = await list()

    const refused = { lane: 'carrier', reason: 'ADDRESS_NOT_SERVED' }
    const blocked = { lane: 'warehouse', reason: 'NO_STOCK' }
    const moved = { status: 'dead-letter', lane: 'carrier', reason: 'RECEIVED_TOO_OFTEN_FOR_SQS' }
    const undelivered = { status: 'undelivered', lane: 'warehouse', reason: 'NOT_DELIVERED' }
    expect(json).toMatchObject({
      rows: [
        { orderId: orderIdAt(2), ...refused, since: at() },
        { orderId: orderIdAt(1), ...refused, since: at(1000) },
        { orderId: orderIdAt(3), ...blocked, status: 'AWB_GENERATED' },
        { ...moved, body: 'no event' },
        { ...undelivered, body: 'x' },
      ],
      counts: [
        { ...refused, total: 2, oldest: at() },
        { ...blocked, total: 1 },
        { ...moved, total: 1 },
        { ...undelivered, total: 1 },
      ],
      swept: 0,
    })
    expect(lines).toHaveLength(1 + 5 + 1 + 1 + 4)
    expect(queues.look('carrier-dlq').visible).toHaveLength(2)
  })

  test('lists no more than the limit, and counts all', async () => {
    for (let i = 0; i < 3; i++) orders.stuck({ orderId: orderIdAt(i) })

    const { json } = await list({}, 2)

    expect(json).toMatchObject({ rows: [{}, {}], counts: [{ total: 3 }] })
  })

  test('lists a named order with its message and all that it holds', async () => {
    await queues.deadLetter(orders.stuck())
    await queues.deadLetter(orders.stuck({ orderId: orderIdAt(2) }))

    const { json } = await list({ order: orderId })

    expect(json).toMatchObject({
      rows: [
        { orderId, status: 'CREATED' },
        {
          orderId,
          messageId: expect.any(String),
          attributes: { kind: { StringValue: 'permanent' } },
          body: expect.stringContaining(`"eventId":"${orderId}:${nonce}:CREATED"`),
        },
      ],
    })
  })

  test('lists only what matches the filter, and says if nothing does', async () => {
    orders.stuck({ orderId: orderIdAt(1) }, { reason: 'NO_STOCK' })
    orders.stuck({ orderId: orderIdAt(2) }, { atMs: t0 + 60_000 })
    await queues.send(queues.urlOf('carrier-dlq'), 'not JSON')

    expect((await list({ reason: 'NO_STOCK' })).json).toMatchObject({ rows: [{ orderId: orderIdAt(1) }] })
    expect((await list({ olderThan: 60_000 })).json).toMatchObject({ rows: [{ orderId: orderIdAt(1) }] })
    expect((await list({ lane: 'warehouse', reason: 'X' })).lines).toEqual([
      'There are no dead letters with lane warehouse, reason X.',
    ])
  })

  test('deletes nothing, and leaves out messages whose orders have moved on', async () => {
    await queues.deadLetter({ ...orders.put(storedOrder()), deadLettered: 1 })

    expect((await list()).lines).toEqual(['There are no dead letters.'])
    expect(queues.look('carrier-dlq')).toMatchObject({ visible: [{}], hidden: 0 })
  })
})

/** A message about an order that does not exist. */
const strayMessage = (number = 1) => queues.deadLetter(storedOrder({ orderId: orderIdAt(number) }))

describe('dlq discard', () => {
  test('saves the whole message to a file before it deletes it', async () => {
    await strayMessage(1)
    await strayMessage(2)
    const saved = queues.look('carrier-dlq').visible.find(({ body }) => body.includes(orderIdAt(1)))

    const { json, lines } = await discardDeadLetters(
      queues.deps(orders.repository),
      { order: orderIdAt(1) },
      { saveTo: folder },
    )

    const [name = ''] = readdirSync(folder)
    expect(json).toMatchObject({ discarded: 1, file: join(folder, name) })
    expect(lines.join('\n')).toContain(join(folder, name))
    expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toMatchObject({
      body: saved?.body,
      attributes: { deadLetterNumber: { DataType: 'Number', StringValue: '1' } },
      targetUrl: queues.urlOf('carrier-queue'),
    })
    expect(queues.look('carrier-dlq').visible.map(({ body }) => body)).toEqual([
      expect.stringContaining(orderIdAt(2)),
    ])
  })

  test('keeps the message of a dead-lettered order, which a redrive deletes', async () => {
    await queues.deadLetter(orders.stuck())

    const { json } = await discardDeadLetters(queues.deps(orders.repository), {}, { saveTo: folder })

    expect(json).toMatchObject({ discarded: 0, swept: 0 })
    expect(queues.look('carrier-dlq').visible).toHaveLength(1)
  })

  test('deletes messages whose orders have moved on, and says so', async () => {
    await queues.deadLetter({ ...orders.put(storedOrder()), deadLettered: 1 })

    expect((await discardDeadLetters(queues.deps(orders.repository), {}, { saveTo: folder })).lines).toEqual([
      'There are no messages to discard.',
      'Deleted 1 message whose orders have moved on.',
    ])
    expect(queues.look('carrier-dlq')).toEqual({ visible: [], hidden: 0 })
  })

  test('deletes nothing that it cannot save', async () => {
    await strayMessage()

    const discarding = discardDeadLetters(
      queues.deps(orders.repository),
      {},
      { saveTo: join(folder, 'missing') },
    )

    await expect(discarding).rejects.toThrow('ENOENT')
    expect(queues.look('carrier-dlq').visible).toHaveLength(1)
  })

  test('writes no file if there is nothing to discard', async () => {
    const { json } = await discardDeadLetters(queues.deps(orders.repository), {}, { saveTo: folder })

    expect(json).toMatchObject({ discarded: 0 })
    expect(readdirSync(folder)).toEqual([])
    expect(existsSync(folder)).toBe(true)
  })
})
