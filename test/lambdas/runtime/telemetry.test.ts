import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createTelemetry } from '../../../lambdas/runtime/telemetry.ts'

const environment = {
  POWERTOOLS_DEV: 'true',
  POWERTOOLS_SERVICE_NAME: 'wms-worker',
  LOG_LEVEL: 'INFO',
  POWERTOOLS_METRICS_NAMESPACE: 'CreateOrder',
  POWERTOOLS_METRICS_DISABLED: 'false',
}
let lines: Record<string, unknown>[]

beforeEach(() => {
  Object.assign(process.env, environment)
  lines = []
  const keep = (line: string) => void lines.push(JSON.parse(line))
  for (const level of ['log', 'info', 'warn', 'error'] as const)
    jest.spyOn(console, level).mockImplementation(keep)
})
afterEach(() => {
  jest.restoreAllMocks()
  for (const name of Object.keys(environment)) delete process.env[name]
})

/** The dimension sets of an EMF line. */
const dimensionsOf = (line: object | undefined) =>
  JSON.parse(JSON.stringify(line))._aws.CloudWatchMetrics.flatMap(
    ({ Dimensions }: { Dimensions: string[][] }) => Dimensions.map((set) => set.toSorted()),
  )

test('a metric is a line of its own, with its unit and its dimensions', () => {
  createTelemetry().metric('StepFailed', 1, { step: 'wms', kind: 'transient' })

  expect(lines).toEqual([
    expect.objectContaining({ service: 'wms-worker', step: 'wms', kind: 'transient', StepFailed: 1 }),
  ])
  expect(JSON.stringify(lines)).toContain('{"Name":"StepFailed","Unit":"Count"}')
  expect(dimensionsOf(lines[0])).toEqual([['kind', 'service', 'step']])
})

test('metrics do not share dimensions or values', () => {
  const telemetry = createTelemetry()

  telemetry.metric('StepFailed', 1, { step: 'wms', kind: 'transient' })
  telemetry.metric('OrdersCreated', 1)
  telemetry.metric('VendorDownSeconds', 7, { vendor: 'carrier' })

  expect(lines.map(dimensionsOf)).toEqual([
    [['kind', 'service', 'step']],
    [['service']],
    [['service', 'vendor']],
  ])
  expect(lines[1]).not.toHaveProperty('StepFailed')
  expect(lines[2]).not.toHaveProperty('OrdersCreated')
})

test('a line says what happened, with its facts and how bad it is', () => {
  const telemetry = createTelemetry()

  telemetry.info('Step done', { orderId: 'ord_1', attempt: 2 })
  telemetry.error('Request failed', { error: new Error('Down') })

  expect(lines).toEqual([
    expect.objectContaining({ level: 'INFO', message: 'Step done', orderId: 'ord_1', attempt: 2 }),
    expect.objectContaining({ level: 'ERROR', error: expect.objectContaining({ message: 'Down' }) }),
  ])
})
