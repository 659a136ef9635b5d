import * as z from 'zod'
import { parsedJson } from '../activity.ts'
import type { Sqs } from '../services/sqs.ts'
import type { Tables } from './tables.ts'
import type { Topology } from './topology.ts'

/** A dead-lettered order, or a message of no such order. */
export interface DeadLetter {
  messageId: string
  /** The dead-letter queue of the order's lane, or the one that the message lies in. */
  queue: string
  orderId?: string
  reason: string
  at: number
}

/** Anything may be in a dead-letter queue. */
const orderEvent = z.object({
  detail: z.object({
    metadata: z.object({ eventId: z.string() }).optional(),
    data: z.object({ orderId: z.string() }),
  }),
})

/** What needs a person, the latest first: what `dlq list` tells, since messages outlive the trouble of their orders. */
export const createDeadLetters = (deps: {
  sqs: Pick<Sqs, 'peek' | 'urlOf'>
  topology: Topology
  orders: Tables['orders']
}) => {
  const { sqs, topology, orders } = deps
  const queues = topology.nodes
    .filter(({ kind }) => kind === 'dead-letter-queue')
    .map(({ id, arn, detail }) => {
      const source = topology.edges.find(({ kind, to }) => kind === 'dead-letter' && to === id)?.from
      return { id, arn, source, lane: topology.lanes.find(({ queue }) => [source, detail].includes(queue)) }
    })

  const ofOrders = (): DeadLetter[] =>
    [...orders.values()].flatMap(({ orderId, attention, deadLetterPartition, deadLetteredAt = '' }) => {
      if (!deadLetterPartition) return []
      const lane = topology.lanes.find(({ vendor }) => vendor === deadLetterPartition.split('#')[0])
      const queue = queues.find(({ source }) => source === lane?.queue)?.id ?? ''
      const at = Date.parse(deadLetteredAt)
      return [{ messageId: orderId, orderId, queue, reason: attention?.reason ?? '', at }]
    })

  const messages = (): DeadLetter[] =>
    queues.flatMap(({ id: queue, arn, lane }) =>
      sqs.peek(sqs.urlOf(arn)).flatMap(({ messageId, body, messageAttributes, sentTimestamp: at }) => {
        const text = (name: string) => messageAttributes?.[name]?.StringValue
        const { metadata, data } = orderEvent.safeParse(parsedJson(body)).data?.detail ?? {}
        const order = orders.get(data?.orderId)
        const number = text('deadLetterNumber') ?? (order?.outboxEventId === metadata?.eventId ? '0' : '')
        // The order has moved on, or is one of those that are dead-lettered.
        if (lane && order && (order.deadLetterPartition || number !== '0')) return []
        const reason = text('reason') ?? text('ERROR_CODE') ?? 'RECEIVED_TOO_OFTEN'
        return [{ messageId, queue, at, reason, ...data }]
      }),
    )

  return () => [...ofOrders(), ...messages()].sort((a, b) => b.at - a.at)
}
