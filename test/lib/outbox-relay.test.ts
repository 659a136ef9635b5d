import { expect, test } from '@jest/globals'
import { loadSettings } from '../../bin/environments.ts'
import { stacksOf } from './stacks.ts'
import { type Resource, resources } from './templates.ts'

const inputsOf = (assembly: 'prod' | 'adopted'): unknown[] =>
  resources(assembly, 'stateless', 'AWS::Scheduler::Schedule').map(([, { Properties }]) =>
    JSON.parse(Properties.Target.Input),
  )

const functionOf = (assembly: 'prod' | 'adopted', name: string): Resource['Properties'] => {
  const [, found] = resources(assembly, 'stateless', 'AWS::Lambda::Function').find(
    ([, { Properties }]) => Properties.Handler === `${name}.handler`,
  ) as [string, Resource]
  return found.Properties
}

test("sixteen shards are one run's, and of more every sixteen get a run of their own", () => {
  expect(inputsOf('prod')).toEqual([{ group: 0, groups: 1 }])
  expect(inputsOf('adopted')).toEqual([0, 1, 2, 3].map((group) => ({ group, groups: 4 })))
})

const overdueAlarms = (assembly: 'prod' | 'adopted') =>
  resources(assembly, 'stateless', 'AWS::CloudWatch::Alarm')
    .map(([, { Properties }]) => Properties)
    .filter(({ AlarmDescription }) => JSON.stringify(AlarmDescription).includes('An order is overdue'))

test('a group of shards whose runs do not come is as alarming as silence of all', () => {
  const [alarm] = overdueAlarms('adopted')

  expect(alarm.Metrics).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ Expression: 'IF(runs < 4, 601, overdue)' }),
      expect.objectContaining({ Id: 'runs', MetricStat: expect.objectContaining({ Stat: 'SampleCount' }) }),
      expect.objectContaining({ Id: 'overdue', MetricStat: expect.objectContaining({ Stat: 'Maximum' }) }),
    ]),
  )
  expect(alarm).toMatchObject({ Threshold: 600, EvaluationPeriods: 5, TreatMissingData: 'missing' })
  expect(overdueAlarms('prod')[0]).toMatchObject({ MetricName: 'OldestOverdueSeconds' })
})

test('the alarm on overdue orders waits for five runs, however far apart they are', () => {
  const prod = loadSettings('prod')
  const { stateless } = stacksOf({ ...prod, outbox: { ...prod.outbox, relayIntervalMs: 10 * 60_000 } })

  stateless.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(10 minutes)' })
  stateless.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'OldestOverdueSeconds',
    Period: 600,
    EvaluationPeriods: 5,
  })
  expect(overdueAlarms('prod')[0]).toMatchObject({ Period: 60, EvaluationPeriods: 5 })
})

test('the functions that write an order and the relay know of the same shards', () => {
  for (const name of ['create-order', 'outbox-relay'])
    expect(functionOf('adopted', name).Environment.Variables.OUTBOX_SHARDS).toBe('64')
})

test('a run is over before the next one of its shards begins, and no number of runs is reserved', () => {
  const { Timeout, ReservedConcurrentExecutions } = functionOf('prod', 'outbox-relay')
  expect(Timeout).toBeLessThan(60)
  expect(ReservedConcurrentExecutions).toBeUndefined()
})
