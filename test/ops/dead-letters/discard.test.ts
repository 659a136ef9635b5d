import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { discardDeadLetters } from '../../../ops/dlq.ts'
import { orderIdAt, storedOrder } from '../../builders.ts'
import { createOrders, createQueues, type Queues } from './queues.ts'

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

const deps = () => queues.deps(orders.repository)
/** A message of an order that does not exist. */
const strayMessage = (number = 1) => queues.deadLetter(storedOrder({ orderId: orderIdAt(number) }))

describe('discarding', () => {
  test('saves the whole message to a file, and then deletes it', async () => {
    await strayMessage(1)
    await strayMessage(2)
    const saved = queues.look('carrier-dlq').visible.find(({ body }) => body.includes(orderIdAt(1)))

    const { json, lines } = await discardDeadLetters(deps(), { order: orderIdAt(1) }, { saveTo: folder })

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

  test('leaves the message of a dead-lettered order, which its redrive takes away', async () => {
    await queues.deadLetter(orders.stuck())

    const { json } = await discardDeadLetters(deps(), {}, { saveTo: folder })

    expect(json).toMatchObject({ discarded: 0, swept: 0 })
    expect(queues.look('carrier-dlq').visible).toHaveLength(1)
  })

  test('deletes messages whose orders have moved on, and says so', async () => {
    await queues.deadLetter({ ...orders.put(storedOrder()), deadLettered: 1 })

    expect((await discardDeadLetters(deps(), {}, { saveTo: folder })).lines).toEqual([
      'There are no messages to discard.',
      'Deleted 1 message whose orders have moved on.',
    ])
    expect(queues.look('carrier-dlq')).toEqual({ visible: [], hidden: 0 })
  })

  test('deletes nothing that it could not save', async () => {
    await strayMessage()

    const discarding = discardDeadLetters(deps(), {}, { saveTo: join(folder, 'missing') })

    await expect(discarding).rejects.toThrow('ENOENT')
    expect(queues.look('carrier-dlq').visible).toHaveLength(1)
  })

  test('writes no file where there is nothing to discard', async () => {
    const { json } = await discardDeadLetters(deps(), {}, { saveTo: folder })

    expect(json).toMatchObject({ discarded: 0 })
    expect(readdirSync(folder)).toEqual([])
    expect(existsSync(folder)).toBe(true)
  })
})
