import * as z from 'zod'
import { parsedJson } from '../activity.ts'
import type { Sqs } from '../services/sqs.ts'
import type { VendorSimulator } from '../vendor-simulator.ts'
import type { Tables } from './tables.ts'
import type { Topology } from './topology.ts'

/** Every field is optional because any message can end up in a dead-letter queue. */
const orderEvent = z.object({
  detail: z.object({
    metadata: z.object({ eventId: z.string().optional() }).default({}),
    data: z.object({ orderId: z.string() }),
  }),
})

/** Computes the current state of the queues, vendors and orders. */
export const createState = (deps: {
  topology: Topology
  sqs: Pick<Sqs, 'peek' | 'urlOf' | 'queues'>
  tables: Tables
  vendors: Record<string, VendorSimulator>
}) => {
  const { topology, sqs, vendors } = deps
  const { orders, circuits } = deps.tables
  const laneAt = (partition = '') => topology.lanes.find(({ vendor }) => vendor === partition.split('#')[0])
  const deadLetterQueues = topology.nodes
    .filter(({ kind }) => kind === 'dead-letter-queue')
    .map(({ id, arn, detail }) => {
      const source = topology.edges.find(({ kind, to }) => kind === 'dead-letter' && to === id)?.from
      return {
        id,
        arn,
        source,
        isLanes: topology.lanes.some(({ queue }) => [source, detail].includes(queue)),
      }
    })

  const deadLetteredOrders = () =>
    [...orders.values()].flatMap(({ orderId, attention, deadLetterPartition, deadLetteredAt = '' }) => {
      if (!deadLetterPartition) return []
      const queue = deadLetterQueues.find(({ source }) => source === laneAt(deadLetterPartition)?.queue)?.id
      const reason = attention?.reason ?? ''
      return [{ messageId: orderId, orderId, queue: queue ?? '', reason, at: Date.parse(deadLetteredAt) }]
    })

  const otherMessages = () =>
    deadLetterQueues.flatMap(({ id: queue, arn, isLanes }) =>
      sqs.peek(sqs.urlOf(arn)).flatMap(({ messageId, body: text, messageAttributes, sentTimestamp: at }) => {
        const said = (name: string) => messageAttributes?.[name]?.StringValue
        const { metadata, data } = orderEvent.safeParse(parsedJson(text)).data?.detail ?? {}
        const order = orders.get(data?.orderId)
        const number = said('deadLetterNumber') ?? (order?.outboxEventId === metadata?.eventId ? '0' : '')
        // Skip messages of orders that are listed as dead-lettered orders or have moved on.
        if (isLanes && order && (order.deadLetterPartition || number !== '0')) return []
        const reason = said('reason') ?? said('ERROR_CODE') ?? 'RECEIVED_TOO_OFTEN'
        return [{ messageId, queue, at, reason, ...data }]
      }),
    )

  /** The dead letters that `orderctl dlq list` shows, newest first. A message whose order has recovered is left out. */
  const deadLetters = () => [...deadLetteredOrders(), ...otherMessages()].sort((a, b) => b.at - a.at)

  const now = () => {
    const letters = deadLetters()
    const queues = sqs.queues().map(({ name, visible, inFlight, delayed }) => {
      const dead = letters.filter(({ queue }) => queue === name).length
      return [name, { visible, inFlight, delayed, dead }]
    })
    const lanes = new Map(
      topology.lanes.map(({ vendor: name }) => {
        const [faults, circuit] = [vendors[name]?.faults(), circuits.get(name)]
        return [name, { faults, circuit, unfinished: 0, waiting: 0, done: 0 }]
      }),
    )
    for (const { outboxPartition, attention, made, vendors: chosen } of orders.values()) {
      for (const step in made) {
        const madeAt = lanes.get(chosen[step] ?? '')
        if (madeAt) madeAt.done += 1
      }
      const lane = lanes.get(laneAt(outboxPartition)?.vendor ?? '')
      if (!lane) continue
      lane.unfinished += 1
      if (attention?.state === 'waiting') lane.waiting += 1
    }
    return { queues: Object.fromEntries(queues), dead: letters.length, vendors: Object.fromEntries(lanes) }
  }
  return { deadLetters, now }
}
