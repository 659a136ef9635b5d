import * as z from 'zod'
import { parsedJson } from '../activity.ts'
import type { Sqs } from '../services/sqs.ts'
import type { Topology } from './topology.ts'

/** A message of a dead-letter queue. */
export interface DeadLetter {
  messageId: string
  /** The queue it lies in. */
  queue: string
  orderId?: string
  reason: string
  at: number
}

/** Anything may be in a dead-letter queue. */
const orderEvent = z.object({ detail: z.object({ data: z.object({ orderId: z.string() }) }) })

/** What the dead-letter queues of the topology hold, the latest first. */
export const deadLettersIn = (sqs: Pick<Sqs, 'peek' | 'urlOf'>, { nodes }: Topology): DeadLetter[] =>
  nodes
    .filter(({ kind }) => kind === 'dead-letter-queue')
    .flatMap(({ id: queue, arn }) =>
      sqs.peek(sqs.urlOf(arn)).map(({ messageId, body, messageAttributes, sentTimestamp: at }) => {
        const text = (name: string) => messageAttributes?.[name]?.StringValue
        const reason = text('reason') ?? text('ERROR_CODE') ?? 'RECEIVED_TOO_OFTEN'
        const orderId = orderEvent.safeParse(parsedJson(body)).data?.detail.data.orderId
        return { messageId, queue, at, reason, ...(orderId && { orderId }) }
      }),
    )
    .sort((a, b) => b.at - a.at)
