import { AwsError, type Json, NotModelled, type Service } from './aws-error.ts'

/** A queue's settings. A queue without `deadLetterQueue` never moves its messages. */
export interface QueueModel {
  visibilityTimeoutMs: number
  deadLetterQueue?: { name: string; maxReceiveCount: number }
}

type MessageAttributes = Record<string, { DataType: string; StringValue?: string }>

/** A message in its queue. */
export interface StoredMessage {
  id: string
  body: string
  attributes: MessageAttributes
  /** X-Ray's header, the one system attribute that a sender may set. */
  traceHeader: string | undefined
  /** Epoch ms. */
  sentAt: number
  visibleAt: number
  receives: number
  /** The handle of the last receive. A hidden message without one is delayed. */
  receipt: string | undefined
}

const sendParameters = ['MessageBody', 'MessageAttributes', 'MessageSystemAttributes', 'DelaySeconds']
const parameters: Record<string, readonly string[]> = {
  SendMessage: sendParameters,
  SendMessageBatch: ['Entries'],
  ReceiveMessage: [
    'MaxNumberOfMessages',
    'MessageSystemAttributeNames',
    'MessageAttributeNames',
    'WaitTimeSeconds',
  ],
  DeleteMessage: ['ReceiptHandle'],
  ChangeMessageVisibility: ['ReceiptHandle', 'VisibilityTimeout'],
  GetQueueAttributes: ['AttributeNames'],
}

/** @throws {NotModelled} if a call, or an entry of a batch, has a parameter that is not modelled */
function understand(input: Json, understood: readonly string[], where: string): void {
  for (const [name, value] of Object.entries(input))
    if (value !== undefined && !understood.includes(name)) throw new NotModelled(`${name} in ${where}`)
}

const invalid = (message: string) => new AwsError('InvalidParameterValue', message)

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const maxAttributes = 10
const maxDelaySeconds = 900
const maxVisibilitySeconds = 43_200

/**
 * SQS's standard queues as the pipeline uses them. The model itself is exact; duplicates and reordering are injected by
 * its callers.
 */
export function createSqsModel(queues: Record<string, QueueModel>, now: () => number) {
  const stores = new Map(Object.keys(queues).map((name) => [name, new Map<string, StoredMessage>()]))
  let serial = 0

  const nameOf = (url: unknown) => String(url).split('/').at(-1) ?? ''
  const storeOf = (name: string) => {
    const store = stores.get(name)
    if (!store) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
    return store
  }

  function put(queue: string, input: Json): Json {
    const attributes = (input.MessageAttributes ?? {}) as MessageAttributes
    const { AWSTraceHeader, ...unknown } = (input.MessageSystemAttributes ?? {}) as MessageAttributes
    understand(unknown, [], 'MessageSystemAttributes')
    const delaySeconds = Number(input.DelaySeconds ?? 0)
    if (!input.MessageBody) throw new AwsError('MissingParameter', 'A message needs a body')
    if (Object.keys(attributes).length > maxAttributes)
      throw invalid(`A message can have at most ${maxAttributes} attributes`)
    for (const [name, { StringValue, DataType }] of Object.entries({
      ...attributes,
      ...(AWSTraceHeader && { AWSTraceHeader }),
    })) {
      if (!StringValue) throw invalid(`The attribute ${name} is empty`)
      if (DataType === 'Number' && Number.isNaN(Number(StringValue))) throw invalid(`${name} is no number`)
    }
    if (!(delaySeconds >= 0 && delaySeconds <= maxDelaySeconds)) throw invalid('DelaySeconds is out of range')
    const id = `message-${++serial}`
    const visibleAt = now() + delaySeconds * 1000
    storeOf(queue).set(id, {
      id,
      body: String(input.MessageBody),
      attributes,
      sentAt: now(),
      visibleAt,
      traceHeader: AWSTraceHeader?.StringValue,
      receives: 0,
      receipt: undefined,
    })
    return { MessageId: id }
  }

  const inFlight = (message: StoredMessage) => message.receipt !== undefined && message.visibleAt > now()

  function receiveFrom(queue: string, store: Map<string, StoredMessage>, limit: number): StoredMessage[] {
    const received: StoredMessage[] = []
    const redrive = queues[queue]?.deadLetterQueue
    for (const message of [...store.values()]) {
      if (received.length >= limit) break
      if (message.visibleAt > now()) continue
      if (redrive && message.receives >= redrive.maxReceiveCount) {
        store.delete(message.id)
        storeOf(redrive.name).set(message.id, { ...message, receipt: undefined })
        continue
      }
      message.receives += 1
      message.receipt = `${message.id}/${message.receives}`
      message.visibleAt = now() + (queues[queue]?.visibilityTimeoutMs ?? 0)
      received.push(message)
    }
    return received
  }

  /** The message of a receipt handle, if that is its latest; older handles are invalid, as on SQS. */
  const byReceipt = (store: Map<string, StoredMessage>, handle: unknown): StoredMessage | undefined => {
    const message = store.get(String(handle).split('/')[0] ?? '')
    return message?.receipt === handle ? message : undefined
  }

  const actions: Record<string, (queue: string, input: Json) => Json> = {
    SendMessage: put,
    SendMessageBatch(queue, input) {
      const entries = input.Entries as ({ Id: string } & Json)[]
      if (entries.length === 0 || entries.length > 10)
        throw new AwsError('TooManyEntriesInBatchRequest', 'A batch has 1 to 10 entries')
      if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
        throw new AwsError('BatchEntryIdsNotDistinct', 'The ids of a batch are distinct')
      const Successful: Json[] = []
      const Failed: Json[] = []
      for (const { Id, ...entry } of entries) {
        understand(entry, sendParameters, 'sqs:SendMessageBatch')
        try {
          Successful.push({ Id, ...put(queue, entry) })
        } catch (error) {
          if (!(error instanceof AwsError)) throw error
          Failed.push({ Id, Code: error.code, SenderFault: true })
        }
      }
      return { Successful, Failed }
    },
    ReceiveMessage(queue, input) {
      const limit = Number(input.MaxNumberOfMessages ?? 1)
      const Messages = receiveFrom(queue, storeOf(queue), limit).map((message) => ({
        MessageId: message.id,
        ReceiptHandle: message.receipt,
        Body: message.body,
        Attributes: {
          ApproximateReceiveCount: String(message.receives),
          SentTimestamp: String(message.sentAt),
          ...(message.traceHeader && { AWSTraceHeader: message.traceHeader }),
        },
        MessageAttributes: message.attributes,
      }))
      return Messages.length > 0 ? { Messages } : {}
    },
    DeleteMessage(queue, input) {
      const store = storeOf(queue)
      const message = byReceipt(store, input.ReceiptHandle)
      if (message) store.delete(message.id)
      return {}
    },
    ChangeMessageVisibility(queue, input) {
      const timeout = Number(input.VisibilityTimeout)
      if (!(timeout >= 0 && timeout <= maxVisibilitySeconds))
        throw invalid('VisibilityTimeout is out of range')
      const message = byReceipt(storeOf(queue), input.ReceiptHandle)
      if (!message || !inFlight(message))
        throw invalid('The message does not exist or is not available for visibility timeout change.')
      message.visibleAt = now() + timeout * 1000
      return {}
    },
    GetQueueAttributes(queue, { AttributeNames }) {
      const messages = [...storeOf(queue).values()]
      const hidden = messages.filter(({ visibleAt }) => visibleAt > now())
      const received = hidden.filter(inFlight)
      const counts = {
        ApproximateNumberOfMessages: messages.length - hidden.length,
        ApproximateNumberOfMessagesNotVisible: received.length,
        ApproximateNumberOfMessagesDelayed: hidden.length - received.length,
      }
      const asked = Object.entries(counts).filter(([name]) => (AttributeNames as string[]).includes(name))
      return { Attributes: Object.fromEntries(asked.map(([name, count]) => [name, String(count)])) }
    },
  }

  const call = (action: string, { QueueUrl, ...input }: Json): Json => {
    const understood = parameters[action]
    const run = actions[action]
    if (!run || !understood) throw new NotModelled(`sqs:${action}`)
    understand(input, understood, `sqs:${action}`)
    return run(nameOf(QueueUrl), input)
  }

  return {
    call,
    service: (async (action, input) => call(action, input)) satisfies Service,
    /** The messages of a queue, hidden or not. */
    messages: (queue: string): StoredMessage[] => [...storeOf(queue).values()],
    /** Makes a message visible, because SQS may deliver it again while it is being processed. */
    show: (queue: string, id: string): void => {
      const message = storeOf(queue).get(id)
      if (message) message.visibleAt = now()
    },
    /** Removes and returns a message, as an operator's redrive does. */
    take: (queue: string, id: string): StoredMessage | undefined => {
      const message = storeOf(queue).get(id)
      storeOf(queue).delete(id)
      return message
    },
  }
}
/** See {@link createSqsModel}. */
export type SqsModel = ReturnType<typeof createSqsModel>
