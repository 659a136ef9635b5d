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

  /** All that a queue has: what is received is hidden, so that none is met twice. */
  const receiveAll = async (QueueUrl: string): Promise<Message[]> => {
    const all = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }
    const received: Message[] = []
    for (;;) {
      const input = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: holdSeconds, ...all }
      const { Messages = [] } = await sqs.call('ReceiveMessage', input)
      if ((Messages as Message[]).length === 0) return received
      received.push(...(Messages as Message[]))
    }
  }

  return {
    list,
    /** Sends one message, or all, back to where it belongs; answers how many there were. */
    redrive: async (messageId?: string): Promise<number> => {
      let redriven = 0
      for (const { url: QueueUrl, targetUrl } of queues)
        for (const { MessageId, ReceiptHandle, Body, ...message } of await receiveAll(QueueUrl)) {
          const isIt = messageId === undefined || MessageId === messageId
          const { MessageAttributes, Attributes } = message
          const copy = { QueueUrl: targetUrl, MessageBody: Body, MessageAttributes }
          // Sent before it is deleted: a message that is there twice does its work once.
          if (isIt) await sqs.call('SendMessage', copy, Attributes?.AWSTraceHeader)
          if (isIt) await sqs.call('DeleteMessage', { QueueUrl, ReceiptHandle })
          else await sqs.call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })
          redriven += Number(isIt)
        }
      return redriven
    },
  }
}
