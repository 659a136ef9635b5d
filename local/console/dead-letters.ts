import type { Sqs } from '../services/sqs.ts'
import type { Message } from '../services/sqs-message.ts'
import type { Topology } from './topology.ts'

/** A message of a dead-letter queue. */
export interface DeadLetter {
  messageId: string
  /** The queue it lies in, and the one it belongs to. */
  queue: string
  target: string
  orderId?: string
  reason: string
  attempts?: number
  at: number
}

/** Messages that are being looked at are hidden from others for this long, if we die meanwhile. */
const holdSeconds = 30

const orderIdIn = (body: string): string | undefined => {
  try {
    return JSON.parse(body).detail.data.orderId
  } catch {
    // Poison is what a dead-letter queue is for.
    return undefined
  }
}

/** The dead-letter queues of the topology: what they hold, and the way back. */
export const createDeadLetters = ({ sqs, topology }: { sqs: Sqs; topology: Topology }) => {
  const queues = topology.nodes
    .filter(({ kind }) => kind === 'dead-letter-queue')
    .map(({ id, arn = '', detail }) => {
      const sources = topology.edges.filter(({ kind, to }) => kind === 'dead-letter' && to === id)
      const target = topology.nodes.find(
        (node) =>
          node.kind === 'queue' && (node.id === detail || sources.some(({ from }) => from === node.id)),
      )
      return { id, url: sqs.urlOf(arn), target: target?.id ?? '', targetUrl: sqs.urlOf(target?.arn ?? '') }
    })

  const list = (): DeadLetter[] =>
    queues
      .flatMap(({ id, url, target }) =>
        sqs.peek(url).map(({ messageId, body, messageAttributes, sentTimestamp }) => {
          const text = (name: string) => messageAttributes[name]?.StringValue
          const orderId = orderIdIn(body)
          const attempts = Number(text('attempts'))
          return {
            messageId,
            queue: id,
            target,
            at: sentTimestamp,
            reason: text('reason') ?? text('ERROR_CODE') ?? 'RECEIVED_TOO_OFTEN',
            ...(orderId && { orderId }),
            ...(attempts > 0 && { attempts }),
          }
        }),
      )
      .sort((a, b) => b.at - a.at)

  const redriveFrom = async (
    queue: (typeof queues)[number],
    messageId: string | undefined,
  ): Promise<number> => {
    const QueueUrl = queue.url
    const others: Message[] = []
    let redriven = 0
    for (;;) {
      const input = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: holdSeconds }
      const all = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }
      const { Messages = [] } = await sqs.call('ReceiveMessage', { ...input, ...all })
      const messages = Messages as Message[]
      if (messages.length === 0) break
      for (const message of messages) {
        const { ReceiptHandle, Body: MessageBody, MessageAttributes, Attributes } = message
        if (messageId && message.MessageId !== messageId) {
          others.push(message)
          continue
        }
        // Sent before it is deleted: a message that is there twice does its work once.
        const copy = { QueueUrl: queue.targetUrl, MessageBody, MessageAttributes }
        await sqs.call('SendMessage', copy, Attributes?.AWSTraceHeader)
        await sqs.call('DeleteMessage', { QueueUrl, ReceiptHandle })
        redriven += 1
      }
    }
    for (const { ReceiptHandle } of others)
      await sqs.call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })
    return redriven
  }

  return {
    list,
    /** Sends one message, or all, back to where it belongs; answers how many there were. */
    redrive: async (messageId?: string): Promise<number> => {
      const holding = new Set(
        list().flatMap((letter) => (!messageId || letter.messageId === messageId ? letter.queue : [])),
      )
      const counts = queues.filter(({ id }) => holding.has(id)).map((queue) => redriveFrom(queue, messageId))
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
    },
  }
}
