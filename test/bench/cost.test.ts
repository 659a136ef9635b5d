import { expect, test } from '@jest/globals'
import { alternativesTo, billOf, keepingCosts, standingCosts } from '../../bench/cost/bill.ts'
import { prices } from '../../bench/cost/prices.ts'
import type { Usage } from '../../bench/cost/usage.ts'

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
    ...[worker('logistics-worker'), worker('wms-worker')],
  ],
  writeUnits: { orders: 120, 'orders, indexes': 110, 'locks and breakers': 40 },
  events: 30,
  eventBytes: 10 * 1024,
  queueRequests: 60,
  logBytes: 40 * 1024,
  vendorMs: [300, 300],
}
const lineOf = (service: string) => billOf(usage).lines.find((line) => line.service === service)

test.each([
  ['API Gateway', 1],
  ['Lambda create-order', 0.2 + 0.02 * 13.3334],
  ['Lambda logistics-worker', 0.5 * (0.2 + 0.4 * 0.25 * 13.3334)],
  ['DynamoDB writes: orders', 12 * 0.625],
  ['DynamoDB writes: orders, indexes', 11 * 0.625],
  ['DynamoDB reads', 0.125],
  ['EventBridge', 3],
  ['SQS', 6 * 0.4],
  ['X-Ray', 0.05 * 5],
])('a million orders cost for %s what one costs, a million times: %d USD', (service, usd) => {
  expect(lineOf(service)?.usdPerMillion).toBeCloseTo(usd, 6)
})

test('the total is the sum of its lines', () => {
  const { lines, total } = billOf(usage)
  expect(total).toBeCloseTo(
    lines.reduce((sum, { usdPerMillion }) => sum + usdPerMillion, 0),
    9,
  )
})

test('one synchronous Lambda pays for the time that it waits for vendors', () => {
  const [synchronous] = alternativesTo(usage)
  const lambda = synchronous?.lines.find(({ service }) => service === 'Lambda create-order')
  expect(lambda?.usdPerMillion).toBeCloseTo(0.2 + 0.62 * 13.3334, 6)
})

test('Step Functions Standard pays for its five states, Express for one execution and its time', () => {
  const [, express, standard] = alternativesTo(usage)
  const stepFunctions = (way: typeof express) =>
    way?.lines.filter(({ service }) => service === 'Step Functions').map(({ usdPerMillion }) => usdPerMillion)
  expect(stepFunctions(standard)).toEqual([125])
  expect(stepFunctions(express)?.[0]).toBeCloseTo(1, 9)
  expect(stepFunctions(express)?.[1]).toBeCloseTo((0.7 / 16) * 16.67, 6)
})

test('a million orders cost for a month what their items, events and logs take up', () => {
  const costs = keepingCosts(usage).map(({ service, usdPerMillion }) => [service, usdPerMillion])
  const gbOf = (kibOfOne: number) => (kibOfOne * 1e6) / 1024 ** 2
  expect(costs).toEqual([
    ['DynamoDB, with backup', expect.closeTo(gbOf(2) * 0.45, 9)],
    ['EventBridge archive', expect.closeTo(gbOf(1) * 0.023, 9)],
    ['CloudWatch Logs', expect.closeTo(gbOf(4) * 0.03, 9)],
  ])
})

test('a month without an order costs what stands there', () => {
  const lines = standingCosts({
    alarmMetrics: 10,
    secrets: 2,
    customMetrics: 10,
    queues: 2,
    relay: { durationMs: 100, memoryMb: 256 },
    warm: { instances: 2, memoryMb: 1024 },
  })
  const costs = Object.fromEntries(lines.map(({ service, usdPerMillion }) => [service, usdPerMillion]))
  expect(costs['CloudWatch alarms']).toBeCloseTo(1, 9)
  expect(costs['Lambda, kept warm']).toBeCloseTo(2 * 730 * 3600 * 0.0000033334, 6)
})

test('every price names its source at AWS', () => {
  for (const { source } of Object.values(prices))
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/.+\/pricing\//)
})
