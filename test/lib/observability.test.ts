import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
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

test('each queue that nobody reads raises an alarm with its first message', () => {
  const unread = resources('prod', 'stateless', 'AWS::SQS::Queue')
    .map(([id]) => id)
    .filter((id) => /DeadLetterQueue|UndeliveredQueue/.test(id))
  for (const id of unread) {
    expect(alarms).toContainEqual(
      expect.objectContaining({
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [id, 'QueueName'] } }],
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      }),
    )
  }
})

test('a silent relay raises the alarm on overdue orders', () => {
  const overdue = alarms.filter(({ MetricName }) => MetricName === 'OldestOverdueSeconds')
  expect(overdue).not.toHaveLength(0)
  for (const { TreatMissingData } of overdue) expect(TreatMissingData).toBe('breaching')
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

test.each([
  ...['OrdersCreated', 'StepCompleted', 'StepFailed', 'VendorLatency', 'VendorDownSeconds'],
  ...['RetriesScheduled', 'OrdersWaiting', 'OrdersDeadLettered', 'EventsRepublished'],
  ...['ClickToReadySeconds', 'OldestOverdueSeconds'],
])('%s is on the dashboard', (metric) => {
  const [[, dashboard]] = resources('prod', 'stateless', 'AWS::CloudWatch::Dashboard') as [[string, Resource]]
  expect(JSON.stringify(dashboard.Properties.DashboardBody)).toContain(`\\"CreateOrder\\",\\"${metric}\\"`)
})
