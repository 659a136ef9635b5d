import type { DeployedFunction } from './functions.ts'
import type { Ended } from './invocation.ts'
import type { World } from './world.ts'

interface Received {
  MessageId: string
  ReceiptHandle: string
  Body: string
  Attributes: Record<string, string>
  MessageAttributes: Record<string, { DataType: string; StringValue?: string }>
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const batchSize = 10

const recordOf = ({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Received) => ({
  messageId: MessageId,
  receiptHandle: ReceiptHandle,
  body: Body,
  attributes: Attributes,
  messageAttributes: Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { DataType, StringValue }]) => [
      name,
      { dataType: DataType, stringValue: StringValue },
    ]),
  ),
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-west-1:0:queue',
  awsRegion: 'eu-west-1',
})

/**
 * An event source mapping: invokes a function with a queue's messages, in batches and up to the function's concurrency,
 * and deletes the messages that it did not report as failed. After a crash the batch stays hidden until the queue's
 * visibility timeout.
 */
export class EventSource {
  readonly #world: World
  readonly #queue: string
  readonly #worker: DeployedFunction
  #wakesAt: number | undefined
  #polls = 0

  constructor(world: World, queue: string, worker: DeployedFunction) {
    this.#world = world
    this.#queue = queue
    this.#worker = worker
  }

  /** Schedules a poll for when the next message becomes visible. */
  wake(): void {
    const { timeline, sqs } = this.#world
    const messages = sqs.messages(this.#queue)
    if (messages.length === 0) return
    const soonest = Math.min(...messages.map(({ visibleAt }) => visibleAt))
    const at = Math.max(soonest, timeline.now) + this.#world.latencyMs(`${this.#queue} poll ${this.#polls}`)
    if (this.#wakesAt !== undefined && this.#wakesAt <= at) return
    this.#wakesAt = at
    timeline.at(at, () => {
      if (this.#wakesAt !== at) return
      this.#wakesAt = undefined
      this.#poll()
    })
  }

  #poll(): void {
    if (!this.#worker.isFree || this.#world.isOut('mappings')) return
    const { sqs, chance, options } = this.#world
    const number = ++this.#polls
    const limit = options.isWild ? chance.between(`${this.#queue} batch ${number}`, 1, batchSize) : batchSize
    const { Messages = [] } = sqs.call('ReceiveMessage', {
      QueueUrl: this.#queue,
      MaxNumberOfMessages: limit,
    }) as { Messages?: Received[] }
    this.#world.onQueued()
    if (Messages.length > 0) {
      for (const message of Messages) {
        const about = /ord_\w{32}/.exec(message.Body)?.[0] ?? 'poison'
        const { fault } = this.#world.inject(`${this.#queue}: hand out ${about}`, 'receive')
        if (fault === 'handed out twice') sqs.show(this.#queue, message.MessageId)
        this.#world.log(
          this.#queue,
          `hands out ${about}, receive ${message.Attributes.ApproximateReceiveCount}`,
        )
      }
      this.#worker.invoke({ Records: Messages.map(recordOf) }, (ended) => this.#settle(Messages, ended))
    }
    this.wake()
  }

  #settle(messages: readonly Received[], ended: Ended): void {
    if (ended.kind === 'answered') {
      const { batchItemFailures } = ended.answer as { batchItemFailures: { itemIdentifier: string }[] }
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
      for (const { MessageId, ReceiptHandle, Body } of messages) {
        if (failed.has(MessageId)) continue
        const about = /ord_\w{32}/.exec(Body)?.[0] ?? 'poison'
        const { fault } = this.#world.inject(`${this.#queue}: delete ${about}`, 'delete')
        if (fault !== 'deletion lost')
          this.#world.sqs.call('DeleteMessage', { QueueUrl: this.#queue, ReceiptHandle })
      }
    } else if (ended.error !== undefined)
      this.#world.invalidCalls.push(`the worker of ${this.#queue} threw: ${ended.error}`)
    this.wake()
  }
}
