import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { loadSettings } from '../../bin/environments.ts'
import { stepNames } from '../../lambdas/domain/chain.ts'
import { Observability } from '../../lib/observability/observability.ts'
import type { Settings } from '../../lib/settings.ts'
import { type Resource, resources, templateText } from './templates.ts'

const runbook = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'runbook.md'), 'utf8')
const sections = runbook
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [heading = '', ...lines] = section.split('\n')
    return { anchor: heading.toLowerCase().replaceAll(' ', '-'), text: lines.join('\n') }
  })
const alarms = resources('prod', 'stateless', 'AWS::CloudWatch::Alarm').map(([id, { Properties }]) => ({
  id,
  ...Properties,
}))
const lanes = Object.entries(loadSettings('prod').vendors).map(([lane, { step }]) => ({ step, lane }))
const anchorOf = (alarm: { AlarmDescription: string }) =>
  alarm.AlarmDescription.match(/docs\/runbook\.md#(.+)$/)?.[1]

test.each(alarms)('$id links its own section of the runbook', (alarm) => {
  expect(sections.map(({ anchor }) => anchor)).toContain(anchorOf(alarm))
})

test.each(sections)(
  'the section $anchor is linked by an alarm, and says what to look at and do',
  (section) => {
    expect(alarms.map(anchorOf)).toContain(section.anchor)
    for (const part of ['**It means**', '**Look at**', '**Do**']) expect(section.text).toContain(part)
  },
)

test('every alarm tells the topic when it is raised and when it is over', () => {
  for (const { AlarmActions, OKActions } of alarms) {
    expect(AlarmActions).toEqual([{ Ref: expect.stringMatching(/^ObservabilityAlarms/) }])
    expect(OKActions).toEqual(AlarmActions)
  }
})

test('CloudWatch may publish to the topic, whose policy replaces the default one', () => {
  const [[, policy]] = resources('prod', 'stateless', 'AWS::SNS::TopicPolicy') as [[string, Resource]]
  expect(policy.Properties.PolicyDocument.Statement).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Action: 'sns:Publish',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
    }),
  )
})

describe('whom the topic tells', () => {
  const subscriptionsWith = (alarms: Partial<Settings['alarms']>) => {
    const settings = loadSettings('prod')
    const stack = new Stack()
    new Observability(stack, 'Observability', { ...settings, alarms: { ...settings.alarms, ...alarms } })
    const found = Template.fromStack(stack).findResources('AWS::SNS::Subscription')
    return Object.values(found).map(({ Properties }) => Properties)
  }
  const TopicArn = { Ref: expect.stringMatching(/^ObservabilityAlarms/) }

  test('is nobody, unless the config names one', () => {
    expect(subscriptionsWith({})).toEqual([])
  })

  test.each([
    [{ email: 'on-call@shop.example' }, { Protocol: 'email', Endpoint: 'on-call@shop.example' }],
    [{ webhook: 'https://hooks.example/sns' }, { Protocol: 'https', Endpoint: 'https://hooks.example/sns' }],
  ])('is %j', (alarms, subscription) => {
    expect(subscriptionsWith(alarms)).toEqual([expect.objectContaining({ ...subscription, TopicArn })])
  })
})

describe('a queue without a consumer', () => {
  const consumed = resources('prod', 'stateless', 'AWS::Lambda::EventSourceMapping').map(
    ([, { Properties }]) => Properties.EventSourceArn['Fn::GetAtt'][0],
  )
  const unconsumed = resources('prod', 'stateless', 'AWS::SQS::Queue')
    .map(([id]) => id)
    .filter((id) => !consumed.includes(id))

  test.each(unconsumed)('%s raises an alarm with its first message', (id) => {
    expect(alarms).toContainEqual(
      expect.objectContaining({
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [id, 'QueueName'] } }],
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      }),
    )
  })
})

test('the topic is told of a relay that falls silent, and of no other silence, nor of one that was there before', () => {
  const overdue = alarms.filter(({ MetricName }) => MetricName === 'OldestOverdueSeconds')
  const others = alarms.filter(({ MetricName }) => MetricName !== 'OldestOverdueSeconds')
  expect(overdue).not.toHaveLength(0)
  // Without data it is in the state INSUFFICIENT_DATA, in which it is made.
  for (const { TreatMissingData, AlarmActions, InsufficientDataActions } of overdue) {
    expect(TreatMissingData).toBe('missing')
    expect(InsufficientDataActions).toEqual(AlarmActions)
  }
  for (const { TreatMissingData, InsufficientDataActions } of others) {
    expect(TreatMissingData).toBe('notBreaching')
    expect(InsufficientDataActions).toBeUndefined()
  }
})

test('each new dead letter of a lane raises an alarm, after a minute without one again', () => {
  const raised = alarms.filter(({ id }) => id.includes('NewDeadLetters'))
  expect(raised).toHaveLength(lanes.length)
  for (const { Metrics, EvaluationPeriods, Threshold, TreatMissingData } of raised) {
    expect({ EvaluationPeriods, Threshold, TreatMissingData }).toEqual({
      EvaluationPeriods: 1,
      Threshold: 0,
      TreatMissingData: 'notBreaching',
    })
    const added = Metrics.flatMap(({ MetricStat }: Resource['Properties']) => MetricStat ?? [])
    expect(added).toEqual([
      expect.objectContaining({ Period: 60, Stat: 'Sum' }),
      expect.objectContaining({ Period: 60, Stat: 'Sum' }),
    ])
  }
})

test('the dashboard answers its three questions before anything else', () => {
  const text = templateText('prod', 'stateless')
  const titles = [...text.matchAll(/\\"title\\":\\"(.*?)\\"/g)].map(([, title]) => title)
  expect(titles.slice(0, 3)).toEqual([
    'How deep are the queues?',
    'Which worker is failing? (by kind)',
    'How long has each vendor been down? (seconds)',
  ])
})

const relay = 'outbox-relay'
const emitted = [
  { metric: 'OrdersCreated', service: 'create-order' },
  ...lanes
    .filter(({ step }) => step === stepNames.at(-1))
    .map(({ lane }) => ({ metric: 'ClickToReadySeconds', service: lane })),
  { metric: 'EventsRepublished', service: relay, lane: 'announcement' },
  { metric: 'OrdersPostponed', service: relay, lane: 'announcement' },
  { metric: 'UnclaimedSeconds', service: relay },
  ...lanes.flatMap(({ step, lane }) => [
    { metric: 'StepCompleted', service: lane, step },
    ...['transient', 'permanent', 'poison', 'waiting', 'not-the-vendors'].map((kind) => ({
      metric: 'StepFailed',
      kind,
      service: lane,
      step,
    })),
    { metric: 'RetriesScheduled', service: lane, step },
    { metric: 'OrdersDeadLettered', service: lane, lane },
    { metric: 'OrdersDeadLettered', service: relay, lane },
    { metric: 'OrdersWaiting', service: relay, lane },
    { metric: 'OldestOverdueSeconds', service: relay, lane },
    { metric: 'UnresolvedDeadLetters', service: relay, lane },
    { metric: 'OldestDeadLetterSeconds', service: relay, lane },
    { metric: 'EventsRepublished', service: relay, lane },
    { metric: 'OrdersPostponed', service: relay, lane },
    { metric: 'VendorLatency', service: lane, lane },
    { metric: 'VendorDownSeconds', service: relay, lane },
  ]),
]

/** The metrics of ours on the dashboard, each with its dimensions. */
function shownMetrics(): Record<string, string>[] {
  const [[, dashboard]] = resources('prod', 'stateless', 'AWS::CloudWatch::Dashboard') as [[string, Resource]]
  const [, parts] = dashboard.Properties.DashboardBody['Fn::Join'] as [string, unknown[]]
  const body = JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'stand-in')).join(''))
  const rows: unknown[][] = body.widgets.flatMap(
    ({ properties }: Resource['Properties']) => properties.metrics ?? [],
  )
  return rows
    .filter(([namespace]) => namespace === 'CreateOrder/prod')
    .map(([, metric, ...dimensions]) => {
      const pairs = dimensions.filter((each) => typeof each === 'string')
      const named = pairs.flatMap((name, index) => (index % 2 ? [] : [[name, pairs[index + 1]]]))
      return { metric, ...Object.fromEntries(named) }
    })
}

test.each(emitted)('%j is on the dashboard', (metric) => {
  expect(shownMetrics()).toContainEqual(metric)
})

test('the dashboard shows no metric of ours that nobody emits', () => {
  for (const metric of shownMetrics()) expect(emitted).toContainEqual(metric)
})
