import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { type Activity, createRing, parsedJson } from '../activity.ts'
import type { Iam } from '../iam.ts'
import { AwsError, account, arnOf, type Json, nameOf, notEmulated, region, resource } from './aws-service.ts'
import type { Sqs } from './sqs.ts'

/** EventBridge: buses, rules, SQS targets. */
export type EventBridge = ReturnType<typeof createEventBridge>

const rule = {
  EventBusName: z.string().default('default'),
  EventPattern: z.record(z.string(), z.unknown()),
  State: z.literal('ENABLED').optional(),
  Targets: z.array(
    z.strictObject({
      Arn: z.string().startsWith('arn:aws:sqs:', 'only SQS targets are emulated'),
      Id: z.string(),
      DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
      RetryPolicy: z.unknown().optional(),
    }),
  ),
}

interface Rule {
  arn: string
  path: string
  bus: string
  matches: (event: unknown) => boolean
  targets: z.output<typeof rule.Targets>
}

const isJsonObject = (text: string) => z.looseObject({}).safeParse(parsedJson(text)).success

const entrySchema = z.object({
  Source: z.string().min(1),
  DetailType: z.string().min(1),
  Detail: z.string().refine(isJsonObject, 'Detail is malformed.'),
  EventBusName: z.string().default('default'),
  Time: z.number().default(() => Date.now() / 1000),
  Resources: z.array(z.string()).default([]),
  TraceHeader: z.string().optional(),
})

type Matcher = (value: unknown) => boolean

/** A field matches if it equals one of the pattern's values; an array, if one of its elements does. */
const field = (pattern: unknown): Matcher => {
  if (!Array.isArray(pattern)) return compilePattern(pattern as object)
  const operator = pattern.find((each) => typeof each === 'object' && each !== null)
  if (operator) throw new Error(`local/ does not emulate the event pattern ${JSON.stringify(operator)}`)
  return (value) => [value].flat().some((element) => pattern.includes(element))
}

/**
 * Compiles an EventBridge event pattern: objects nest, leaves are arrays of exact values.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 *
 * @example
 * compilePattern({ source: ['orders'], 'detail-type': ['ORDER_CREATED', 'ORDER_CANCELLED'] })(event)
 * @throws {Error} for an operator that is not emulated
 */
export const compilePattern = (pattern: object): ((event: unknown) => boolean) => {
  const fields = Object.entries(pattern).map(([key, value]): Matcher => {
    const matches = field(value)
    return (event) => matches((event as Record<string, unknown> | undefined)?.[key])
  })
  return (event) => fields.every((matches) => matches(event))
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const maxEntries = 10
const maxBytes = 1024 * 1024

/**
 * Long enough for the publisher to get its response first, as on AWS, where p90 of the delivery time is 80 ms:
 * https://aws.amazon.com/blogs/architecture/mastering-millisecond-latency-and-millions-of-events-the-event-driven-architecture-behind-the-amazon-key-suite/
 */
const deliveryMs = 20

const text = (StringValue: string) => ({ DataType: 'String', StringValue })

/**
 * The event bus. An event that the target queue's policy refuses goes to the target's dead-letter queue at once, without
 * AWS's 24 hours of retries.
 */
export const createEventBridge = (deps: { sqs: Sqs; activity: Activity; iam: Pick<Iam, 'maySend'> }) => {
  const { sqs, activity, iam } = deps
  const closing = new AbortController()
  const buses = new Set(['default'])
  const rules = new Map<string, Rule>()
  const events = createRing<{ id: string; detail: { data?: { orderId?: string } } }>(1000)
  let drops = 0

  const deliver = async (
    event: { id: string },
    { arn, path, targets }: Rule,
    traceHeader: string | undefined,
  ): Promise<void> => {
    const MessageBody = JSON.stringify(event)
    for (const target of targets) {
      const refusal = await iam.maySend(arn, target.Arn)
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
      const MessageAttributes = refusal && {
        RULE_ARN: text(arn),
        TARGET_ARN: text(target.Arn),
        ERROR_CODE: text('NO_PERMISSIONS'),
        ERROR_MESSAGE: text(refusal),
      }
      if (refusal) console.error(`local: ${refusal} (constructs: ${path}, ${sqs.pathOf(target.Arn)})`)
      const to = refusal ? target.DeadLetterConfig?.Arn : target.Arn
      const isLost = drops > 0
      if (isLost) drops -= 1
      const about = { eventId: event.id, rule: path }
      if (isLost || !to || (refusal && (await iam.maySend(arn, to)))) {
        activity.emit('activity', { type: 'event-dropped', ...about, target: target.Arn })
        continue
      }
      await sleep(deliveryMs, undefined, { signal: closing.signal })
      await sqs.call('SendMessage', { QueueUrl: sqs.urlOf(to), MessageBody, MessageAttributes }, traceHeader)
      activity.emit('activity', { type: 'event-matched', ...about, target: to })
    }
  }

  const publish = (input: unknown, requestTrace: string | undefined): Json => {
    const { data: entry, error } = entrySchema.safeParse(input)
    if (error) {
      const { path: [field] = [], message } = error.issues[0] ?? {}
      const ErrorCode = field === 'Detail' ? 'MalformedDetail' : 'InvalidArgument'
      return { ErrorCode, ErrorMessage: `Parameter ${String(field)} is not valid. Reason: ${message}` }
    }
    const bus = nameOf(entry.EventBusName)
    if (!buses.has(bus))
      return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Event bus ${bus} does not exist.` }
    const event = {
      version: '0',
      id: randomUUID(),
      'detail-type': entry.DetailType,
      source: entry.Source,
      account,
      // Events carry whole seconds: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
      time: new Date(entry.Time * 1000).toISOString().replace(/\.\d+Z/, 'Z'),
      region,
      resources: entry.Resources,
      detail: JSON.parse(entry.Detail),
    }
    events.push(event)
    activity.emit('activity', { type: 'event-published', eventId: event.id, detailType: entry.DetailType })
    for (const candidate of rules.values())
      if (candidate.bus === bus && candidate.matches(event))
        deliver(event, candidate, entry.TraceHeader ?? requestTrace).catch((reason) => {
          if (!closing.signal.aborted)
            console.error(`local: rule ${candidate.path} cannot deliver: ${reason}`)
        })
    return { EventId: event.id }
  }

  return {
    permissions: (action: string, { Entries = [] }: Json) => {
      const names = (Entries as Json[]).map(({ EventBusName = 'default' }) => nameOf(EventBusName))
      const arns = [...new Set(names)].map((name) => arnOf('events', `event-bus/${name}`))
      return arns.map((arn) => ({ action: `events:${action}`, resource: arn }))
    },
    call: async (action: string, input: Json, traceHeader?: string): Promise<Json> => {
      if (action !== 'PutEvents') throw notEmulated(`events:${action}`)
      const entries = input.Entries as unknown[]
      if (!entries.length || entries.length > maxEntries || JSON.stringify(entries).length > maxBytes)
        throw new AwsError('ValidationException', 'PutEvents takes 1 to 10 entries, together up to 1 MB.')
      const Entries = entries.map((entry) => publish(entry, traceHeader))
      return { Entries, FailedEntryCount: Entries.filter(({ ErrorCode }) => ErrorCode).length }
    },
    /** The recent events of all buses, oldest first. */
    events,
    /** Drops the next `count` deliveries from the bus to a queue. */
    drop: (count: number) => {
      drops = count
    },
    resources: {
      'AWS::Events::EventBus': resource({ Name: z.string() }, '', ({ Name }) => {
        buses.add(Name)
        return { ref: Name, attributes: { Arn: arnOf('events', `event-bus/${Name}`) } }
      }),
      'AWS::Events::Rule': resource(rule, '', (properties, { name, path }) => {
        const { EventBusName, EventPattern, Targets: targets } = properties
        const bus = nameOf(EventBusName)
        const arn = arnOf('events', bus === 'default' ? `rule/${name}` : `rule/${bus}/${name}`)
        for (const { DeadLetterConfig } of targets)
          if (DeadLetterConfig) sqs.markAsDeadLetterQueue(DeadLetterConfig.Arn)
        rules.set(arn, { arn, path, bus, matches: compilePattern(EventPattern), targets })
        return { ref: name, attributes: { Arn: arn } }
      }),
    },
    close: () => closing.abort(),
  }
}
