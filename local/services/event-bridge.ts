import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { createRing, type Report } from '../activity.ts'
import type { Iam } from '../iam.ts'
import {
  AwsError,
  type AwsService,
  account,
  arnOf,
  type Deploy,
  type Json,
  region,
  resource,
} from './aws-service.ts'
import { compilePattern } from './event-pattern.ts'
import type { Sqs } from './sqs.ts'

/** An event as targets receive it. */
export interface Event {
  version: '0'
  id: string
  'detail-type': string
  source: string
  account: string
  time: string
  region: string
  resources: string[]
  detail: Json
}

interface Rule {
  path: string
  arn: string
  bus: string
  matches: (event: unknown) => boolean
  targets: { Arn: string; DeadLetterConfig?: { Arn: string } | undefined }[]
}

/** EventBridge: one bus or more, rules, SQS targets. */
export interface EventBridge extends AwsService {
  resources: Record<string, Deploy>
  /** The recent events of all buses, oldest first. */
  recent: () => Event[]
  /** Loses the next `count` deliveries between bus and queue. */
  drop: (count: number) => void
}

const noEffect = z.unknown().optional()
const rule = z.strictObject({
  Name: z.string().optional(),
  Description: noEffect,
  EventBusName: z.string().optional(),
  EventPattern: z.record(z.string(), z.unknown()),
  State: z.enum(['ENABLED', 'DISABLED']).optional(),
  Targets: z
    .array(
      z.strictObject({
        Arn: z.string(),
        Id: z.string(),
        DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
        RetryPolicy: noEffect,
      }),
    )
    .default([]),
  Tags: noEffect,
})

const entry = z.object({
  Source: z.string().min(1),
  DetailType: z.string().min(1),
  Detail: z.string().transform((text, context): Json => {
    try {
      const detail = JSON.parse(text)
      if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return detail
    } catch {}
    context.addIssue('Detail is malformed.')
    return z.NEVER
  }),
  EventBusName: z.string().default('default'),
  Time: z.union([z.number(), z.string()]).optional(),
  Resources: z.array(z.string()).default([]),
  TraceHeader: z.string().optional(),
})

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html: 10 entries, and 1 MB together. */
const putEvents = z.object({ Entries: z.array(z.unknown()).min(1).max(10) })
const maxBytes = 1024 * 1024

const busName = (nameOrArn: string) => nameOrArn.replace(/^.*:event-bus\//, '')

/** The classic event bus. What a target refuses goes to its dead-letter queue at once, without AWS's 24 hours of retries. */
export const createEventBridge = (deps: {
  sqs: Sqs
  report: Report
  iam: Pick<Iam, 'maySend'>
}): EventBridge => {
  const { sqs, report, iam } = deps
  const buses = new Set(['default'])
  const rules: Rule[] = []
  const events = createRing<Event>(1000)
  let drops = 0

  const send = (queueArn: string, body: string, traceHeader: string | undefined, attributes: Json = {}) =>
    sqs.call(
      'SendMessage',
      { QueueUrl: sqs.urlOf(queueArn), MessageBody: body, MessageAttributes: attributes },
      { traceHeader },
    )

  const deliver = async (
    event: Event,
    { arn, path, targets }: Rule,
    traceHeader: string | undefined,
  ): Promise<void> => {
    const body = JSON.stringify(event)
    for (const target of targets) {
      if (drops > 0) {
        drops -= 1
        report({ type: 'event-dropped', eventId: event.id, rule: path, reason: 'asked to drop it' })
        continue
      }
      const refusal = await iam.maySend(arn, target.Arn)
      const queueArn = refusal ? target.DeadLetterConfig?.Arn : target.Arn
      if (!queueArn || (refusal && (await iam.maySend(arn, queueArn)))) {
        report({ type: 'event-dropped', eventId: event.id, rule: path, reason: refusal ?? '' })
        continue
      }
      const text = (value: string) => ({ DataType: 'String', StringValue: value })
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
      const why = refusal && {
        RULE_ARN: text(arn),
        TARGET_ARN: text(target.Arn),
        ERROR_CODE: text('NO_PERMISSIONS'),
        ERROR_MESSAGE: text(refusal),
      }
      await send(queueArn, body, traceHeader, why || {})
      report({ type: 'event-matched', eventId: event.id, rule: path, target: queueArn })
    }
  }

  const publish = (input: unknown, requestTrace: string | undefined): Json => {
    const parsed = entry.safeParse(input)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const field = String(issue?.path[0])
      return field === 'Detail'
        ? { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
        : {
            ErrorCode: 'InvalidArgument',
            ErrorMessage: `Parameter ${field} is not valid. Reason: ${issue?.message}`,
          }
    }
    const { Source, DetailType, Detail, EventBusName, Time, Resources, TraceHeader } = parsed.data
    const bus = busName(EventBusName)
    const event: Event = {
      version: '0',
      id: randomUUID(),
      'detail-type': DetailType,
      source: Source,
      account,
      // Events carry whole seconds: https://docs.aws.amazon.com/eventbridge/latest/ref/events-structure.html
      time: new Date(typeof Time === 'number' ? Time * 1000 : (Time ?? Date.now()))
        .toISOString()
        .replace(/\.\d+Z/, 'Z'),
      region,
      resources: Resources,
      detail: Detail,
    }
    if (!buses.has(bus))
      return { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Event bus ${bus} does not exist.` }
    events.push(event)
    report({ type: 'event-published', eventId: event.id, detailType: DetailType, source: Source })
    for (const candidate of rules)
      if (candidate.bus === bus && candidate.matches(event))
        deliver(event, candidate, TraceHeader ?? requestTrace).catch((error) =>
          report({ type: 'event-dropped', eventId: event.id, rule: candidate.path, reason: String(error) }),
        )
    return { EventId: event.id }
  }

  return {
    permissions: (action, input) => {
      const entries = (input.Entries ?? []) as { EventBusName?: string }[]
      const names = new Set(entries.map(({ EventBusName = 'default' }) => busName(EventBusName)))
      return [...names].map((name) => ({
        action: `events:${action}`,
        resource: arnOf('events', `event-bus/${name}`),
      }))
    },
    call: async (action, input, context) => {
      if (action !== 'PutEvents')
        throw new AwsError('UnknownOperationException', `local/ does not emulate events:${action}`)
      const parsed = putEvents.safeParse(input)
      if (!parsed.success || JSON.stringify(input).length > maxBytes)
        throw new AwsError('ValidationException', 'PutEvents takes 1 to 10 entries of 1 MB together.')
      const Entries = parsed.data.Entries.map((item) => publish(item, context?.traceHeader))
      return { Entries, FailedEntryCount: Entries.filter((result) => 'ErrorCode' in result).length }
    },
    recent: events.list,
    drop: (count) => {
      drops = count
    },
    resources: {
      'AWS::Events::EventBus': resource(
        z.strictObject({
          Name: z.string(),
          Description: noEffect,
          DeadLetterConfig: noEffect,
          LogConfig: noEffect,
          Policy: noEffect,
          Tags: noEffect,
        }),
        ({ Name }) => {
          buses.add(Name)
          return { ref: Name, attributes: { Arn: arnOf('events', `event-bus/${Name}`), Name } }
        },
      ),
      'AWS::Events::Rule': resource(rule, (properties, { name, path }) => {
        const bus = busName(properties.EventBusName ?? 'default')
        const { Name = name, EventPattern, Targets, State = 'ENABLED' } = properties
        const arn = arnOf('events', bus === 'default' ? `rule/${Name}` : `rule/${bus}/${Name}`)
        for (const { DeadLetterConfig } of Targets)
          if (DeadLetterConfig) sqs.markAsDeadLetterQueue(DeadLetterConfig.Arn)
        if (State === 'ENABLED')
          rules.push({ path, arn, bus, matches: compilePattern(EventPattern), targets: Targets })
        return { ref: Name, attributes: { Arn: arn } }
      }),
    },
  }
}
