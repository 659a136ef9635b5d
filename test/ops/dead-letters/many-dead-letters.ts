import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { expect, jest, test } from '@jest/globals'
import type { Order } from '../../../lambdas/domain/order.ts'
import { telemetry } from '../../../ops/cli/operator.ts'
import type { DlqDeps } from '../../../ops/dead-letters/messages.ts'
import { redriveDeadLetters } from '../../../ops/dead-letters/redrive.ts'
import { listDeadLetters } from '../../../ops/dlq.ts'
import { orderId as anyId, at, changed, lanes, messageBody, orderIdAt, t0, without } from '../../builders.ts'
import { createOrders, operator } from './queues.ts'

// Each test takes seconds, or longer if many processes share few cores.
jest.setTimeout(300_000)

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const stuck = createOrders().stuck()
const body = messageBody(without(stuck, 'attention', 'deadLettered'))
const indexOf = (orderId: string) => Number.parseInt(orderId.slice(4, 35), 16)
const visible = 0
const [hidden, deleted] = [1, 2]

/** Many dead-lettered orders with their messages, and a message that is no event. They are generated when they are read. */
function createMany(many: number) {
  const isRedriven = new Uint8Array(many)
  const sent = new Uint8Array(many + 1)
  const messages = new Uint8Array(many + 1)
  let [from, reads] = [0, 0]
  const heapMiB: number[] = []
  const orderAt = (index: number): Order => {
    const order = { ...stuck, orderId: orderIdAt(index), deadLetteredAt: at(index) }
    return isRedriven[index] ? without(order, 'deadLettered', 'deadLetterPartition', 'attention') : order
  }
  const messageAt = (index: number) => ({
    MessageId: `m-${index}`,
    ReceiptHandle: `${index}`,
    Body: index === many ? 'no event' : body.replaceAll(anyId, orderIdAt(index)),
    Attributes: { SentTimestamp: `${t0}` },
    MessageAttributes: index === many ? {} : { deadLetterNumber: { DataType: 'Number', StringValue: '1' } },
  })
  const repository: DlqDeps['repository'] = {
    change: async (order, change) => ({ written: true, order: changed(order, change) }),
    get: async (orderId) => orderAt(indexOf(orderId)),
    getAll: async (ids) => {
      reads += 1
      if (reads % (many / 100) === 0) {
        collectGarbage()
        heapMiB.push(process.memoryUsage().heapUsed / 2 ** 20)
      }
      return ids.map((orderId) => orderAt(indexOf(orderId)))
    },
    due: async () => [],
    list: async () => ({ orders: [] }),
    async deadLetters(partition, _until, limit, after) {
      const page: { orderId: string; deadLetteredAt: string }[] = []
      let index = after === undefined ? 0 : indexOf(after.orderId) + 1
      for (; partition === 'carrier#f' && index < many && page.length < limit; index++)
        if (!isRedriven[index]) page.push({ orderId: orderIdAt(index), deadLetteredAt: at(index) })
      return page
    },
  }
  const queue = {
    onSent: (_index: number): void => {},
    async send(command: object) {
      if (command instanceof ReceiveMessageCommand) {
        const received: ReturnType<typeof messageAt>[] = []
        if (command.input.QueueUrl !== 'dlq') return { Messages: received }
        for (; from <= many && received.length < 10; from++)
          if (messages[from] === visible) {
            messages[from] = hidden
            received.push(messageAt(from))
          }
        return { Messages: received }
      }
      if (command instanceof SendMessageCommand) {
        const { MessageBody = '' } = command.input
        const index = MessageBody === 'no event' ? many : indexOf(/ord_\w{32}/.exec(MessageBody)?.[0] ?? '')
        sent[index] = (sent[index] ?? 0) + 1
        queue.onSent(index)
      }
      if (command instanceof DeleteMessageCommand) messages[Number(command.input.ReceiptHandle)] = deleted
      if (command instanceof ChangeMessageVisibilityCommand) {
        const index = Number(command.input.ReceiptHandle)
        messages[index] = visible
        from = Math.min(from, index)
      }
      return {}
    },
  }
  const count = (states: Uint8Array, state: number) =>
    states.reduce((sum, each) => sum + (each === state ? 1 : 0), 0)
  return {
    queue,
    isRedriven,
    sentOnce: () => count(sent, 1),
    left: () => messages.length - count(messages, deleted),
    /** The difference between the highest and lowest heap usage during the commands. */
    memorySpreadMiB: () => Math.max(...heapMiB) - Math.min(...heapMiB),
    deps: (signal = new AbortController().signal): DlqDeps => ({
      name: 'local',
      sqs: queue as unknown as SQSClient,
      queues: [{ kind: 'dead-letter', lane: 'carrier', step: 'logistics', url: 'dlq', targetUrl: 'queue' }],
      vendors: lanes,
      shards: 16,
      repository,
      signal,
      now: () => t0 + many,
      tell: () => {},
      telemetry,
    }),
  }
}

/** Defines tests that list and redrive many dead letters. */
export function testMany(many: number): void {
  test(`${many} dead letters and a message that is no event are all listed, without growing memory`, async () => {
    const world = createMany(many)
    const { json } = await listDeadLetters(world.deps(), {}, 2)

    expect(json).toMatchObject({
      rows: [{ orderId: orderIdAt(0) }, { orderId: orderIdAt(1) }],
      counts: [
        { status: 'CREATED', reason: 'ADDRESS_NOT_SERVED', total: many },
        { status: 'dead-letter', total: 1 },
      ],
      isComplete: true,
    })
    expect(world.memorySpreadMiB()).toBeLessThan(8)
  })

  test(`${many} dead letters are redriven once each, even if the command is interrupted and repeated`, async () => {
    const world = createMany(many)
    const interruption = new AbortController()
    let begun = 0
    world.queue.onSent = () => {
      begun += 1
      if (begun === many * 0.4) interruption.abort()
    }
    const first = await redriveDeadLetters({ ...world.deps(interruption.signal), actor: operator }, {}, 1e9)
    // The workers accept what was sent so far, and later messages as they arrive.
    world.isRedriven.fill(1, 0, begun)
    world.queue.onSent = (index) => {
      if (index < many) world.isRedriven[index] = 1
    }
    const second = await redriveDeadLetters({ ...world.deps(), actor: operator }, {}, 1e9)

    expect(first).toMatchObject({ incomplete: true, json: { orders: many * 0.4, messages: 0 } })
    expect(second).toMatchObject({
      incomplete: false,
      json: { orders: many * 0.6, messages: 1, swept: many },
    })
    expect(world.sentOnce()).toBe(many + 1)
    expect(world.left()).toBe(0)
    expect(world.memorySpreadMiB()).toBeLessThan(8)
  })
}
