import { expect, test } from '@jest/globals'
import { alternativesTo, billOf, storageOf, totalOf, type Usage } from '../../bench/cost/bill.ts'
import { idleBillOf } from '../../bench/cost/idle-stack.ts'
import { prices } from '../../bench/cost/prices.ts'

const worker = (name: string) => ({ name, invocations: 5, durationMs: 2000, memoryMb: 256 })
/** Ten orders, in numbers that can be added up by hand. */
const usage: Usage = {
  orders: 10,
  apiRequests: 10,
  readUnits: 10,
  orderWrites: 60,
  storedBytes: 10 * 2048,
  functions: [
    { name: 'create-order', invocations: 10, durationMs: 200, memoryMb: 1024 },
    worker('logistics-worker'),
    worker('wms-worker'),
  ],
  writeUnits: { orders: 120, indexes: 110, locks: 40 },
  events: 30,
  eventBytes: 10 * 1024,
  queueRequests: 60,
  logBytes: 40 * 1024,
  vendorMs: 300,
}
const gbOf = (kibOfOne: number) => (kibOfOne * 1e6) / 1024 ** 2
const clickUsd = (seconds: number) => 0.2 + seconds * 13.3334
const workerUsd = (seconds: number) => 0.2 + seconds * 0.25 * 13.3334

test.each([
  ['API Gateway', 1],
  ['Lambda create-order', clickUsd(0.02)],
  ['Lambda logistics-worker', 0.5 * workerUsd(0.4)],
  ['DynamoDB writes: orders', 12 * 0.625],
  ['DynamoDB writes: their indexes', 11 * 0.625],
  ['DynamoDB reads', 0.125],
  ['EventBridge', 3],
  ['EventBridge archive', gbOf(1) * 0.1],
  ['SQS', 6 * 0.4],
  ['X-Ray', 0.05 * 5],
])('a million orders cost for %s what one costs, a million times: %d USD', (service, usd) => {
  expect(billOf(usage).find((line) => line.service === service)?.usd).toBeCloseTo(usd, 6)
})

/** API request, three writes of two units and one index entry, one event, a trace. */
const sharedUsd = 1 + 7 * 0.625 + 1 + 0.25
const logUsd = gbOf(4) * 0.5

test('one synchronous Lambda pays for the time that it waits for vendors', () => {
  const usd = alternativesTo(usage)['One synchronous Lambda']
  expect(usd).toBeCloseTo(sharedUsd + logUsd / 3 + clickUsd(0.62), 6)
})

test('Step Functions Standard pays for its five states, Express for one execution and its time', () => {
  const lambdasUsd = clickUsd(0.02) + 2 * workerUsd(0.3)
  const { 'Step Functions Express': express, 'Step Functions Standard': standard } = alternativesTo(usage)
  expect(standard).toBeCloseTo(sharedUsd + logUsd + lambdasUsd + 125, 6)
  expect(express).toBeCloseTo(sharedUsd + logUsd + lambdasUsd + 1 + (0.7 / 16) * 16.67, 6)
})

test('keeping an order costs the storage and backup of its item', () => {
  expect(storageOf(usage)).toMatchObject({ quantity: '2 KB', usd: expect.closeTo(gbOf(2) * 0.45, 9) })
})

test('a month without an order costs what the templates provision', () => {
  const metrics = [
    ['CreateOrder/prod', 'OrdersCreated', 'service', 'create-order'],
    ['CreateOrder/prod', 'StepFailed', 'service', 'wms-worker'],
    ['CreateOrder/prod', 'StepFailed', 'service', 'wms-worker', { color: '#d13212' }],
  ]
  const dashboard = JSON.stringify({ metrics })
  const resources = {
    Alias: {
      Type: 'AWS::Lambda::Alias',
      Properties: { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 } },
    },
    OtherAlias: { Type: 'AWS::Lambda::Alias', Properties: {} },
    Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: 'StepFailed' } },
    SumAlarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: { Metrics: [{ MetricStat: {} }, { MetricStat: {} }, { Expression: 'm1 + m2' }] },
    },
    Dashboard: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: dashboard } },
    Secret: { Type: 'AWS::SecretsManager::Secret', Properties: {} },
    Mapping: { Type: 'AWS::Lambda::EventSourceMapping', Properties: {} },
  }
  const stack = { name: 'stack', folder: '', template: { Resources: resources } }

  const lines = idleBillOf([stack as never], 1024)

  expect(Object.fromEntries(lines.map(({ service, usd }) => [service, usd]))).toEqual({
    'Lambda, provisioned concurrency': expect.closeTo(2 * 730 * 3600 * 0.0000033334, 9),
    'CloudWatch metrics': expect.closeTo(2 * 0.3, 9),
    'CloudWatch alarms': expect.closeTo(3 * 0.1, 9),
    'CloudWatch dashboards': 3,
    'Secrets Manager': 0.4,
    'SQS, empty receives': expect.closeTo((730 * 60 * 15 * 0.4) / 1e6, 9),
  })
  expect(totalOf(lines)).toBeCloseTo(17.52 + 0.6 + 0.3 + 3 + 0.4 + 0.26, 2)
})

test('every price names its source at AWS', () => {
  for (const { source } of Object.values(prices))
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/.+\/pricing\//)
})
