import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { loadSettings } from '../../bin/environments.ts'
import { parseEnv } from '../../lambdas/runtime/env.ts'
import { outboxRelayEnv } from '../../lambdas/runtime/relay-env.ts'
import { calledVendor, stepWorkerEnv } from '../../lambdas/runtime/step-worker-env.ts'
import { bundleFolder } from '../../lib/functions/bundle.ts'
import { laneIdOf } from '../../lib/names.ts'
import { resolvedVariables, startFunction } from './start-function.ts'
import { nameOf, type Resource, resources } from './templates.ts'

/** The functions by their constructs, such as `ApiGetOrder` and `LogisticsCarrierWorker`. */
const functionsOf = (assembly: 'dev' | 'fast') =>
  new Map(
    resources(assembly, 'stateless', 'AWS::Lambda::Function').map(([id, { Properties }]) => [
      nameOf({ Ref: id }).replace(/Function$/, ''),
      Properties,
    ]),
  )

/** The variables that the template gives a function. */
const variablesOf = (assembly: 'dev' | 'fast', construct: string): Record<string, string> =>
  resolvedVariables(functionsOf(assembly).get(construct).Environment.Variables)

const workerEnv = (assembly: 'dev' | 'fast', lane: 'LogisticsCarrier' | 'WmsWarehouse') =>
  parseEnv(stepWorkerEnv, variablesOf(assembly, `${lane}Worker`))

/** Each start is a process of its own, and the machine may be busy. */
const startTimeoutMs = 60_000
const bundleOf = (name: string): string => join(bundleFolder(name), `${name}.cjs`)

const lanes = Object.entries(loadSettings('dev').vendors)
const functions = [...functionsOf('dev')].map(
  ([construct, { Handler }]) => [construct, Handler.replace('.handler', '')] as const,
)

test('each lane has a worker of its own, also where two lanes run the same file', () => {
  const workers = functions.filter(([, file]) => /-worker$/.test(file)).map(([construct]) => construct)
  expect(workers).toEqual(lanes.map(([name, { step }]) => `${laneIdOf(step, name)}Worker`))
})

test.each(functions)(
  '%s starts with what the template gives it, at any speed, and reads all of it',
  async (construct, file) => {
    for (const assembly of ['dev', 'fast'] as const)
      expect(await startFunction(bundleOf(file), variablesOf(assembly, construct))).toEqual({ unread: [] })
  },
  startTimeoutMs,
)

test(
  'a simulator starts with what the template gives it, and reads all of it but the namespace of metrics, since it has none',
  async () => {
    const [[, { Properties }]] = resources('dev', 'vendors', 'AWS::Lambda::Function') as [[string, Resource]]
    const variables = resolvedVariables(Properties.Environment.Variables)
    expect(await startFunction(bundleOf('contract-simulator'), variables)).toEqual({
      unread: ['POWERTOOLS_METRICS_NAMESPACE'],
    })
  },
  startTimeoutMs,
)

test(
  'a variable that the function does not read is noticed',
  async () => {
    const variables = { ...variablesOf('dev', 'ApiGetOrder'), EVENT_BUS_NAME: 'bus' }
    expect(await startFunction(bundleOf('get-order'), variables)).toEqual({ unread: ['EVENT_BUS_NAME'] })
  },
  startTimeoutMs,
)

test(
  'a variable that the function lacks is noticed',
  async () => {
    const { ORDER_TABLE_NAME, ...variables } = variablesOf('dev', 'ApiGetOrder')
    expect(await startFunction(bundleOf('get-order'), variables)).toMatchObject({
      error: expect.stringContaining('ORDER_TABLE_NAME'),
    })
  },
  startTimeoutMs,
)

/** What a function is called in logs and metrics where that is not its file: a worker by its vendor. */
const services = new Map(lanes.map(([name, { step }]) => [`${laneIdOf(step, name)}Worker`, name]))

test.each(functions)('%s names itself to logs and metrics', (construct, file) => {
  expect(variablesOf('dev', construct)).toMatchObject({
    POWERTOOLS_SERVICE_NAME: services.get(construct) ?? file,
    POWERTOOLS_METRICS_NAMESPACE: 'CreateOrder/dev',
    LOG_LEVEL: 'DEBUG',
  })
})

test.each(functions)('%s leaves the heap to Lambda, whose own options win over NODE_OPTIONS', (construct) => {
  expect(variablesOf('dev', construct)).not.toHaveProperty('NODE_OPTIONS')
})

test('the relay knows every lane, its queues and what its vendor takes', () => {
  const { LANES } = parseEnv(outboxRelayEnv, variablesOf('dev', 'OutboxRelay'))
  const queues = { queueUrl: 'stand-in', deadLetterQueueUrl: 'stand-in' }
  expect(LANES).toEqual(
    lanes.map(([vendor, { step, ratePerSecond }]) => ({ ...queues, step, vendor, ratePerSecond })),
  )
  expect(LANES).toContainEqual({ ...queues, step: 'logistics', vendor: 'easypost', ratePerSecond: 5 })
})

test.each(lanes)(
  'the worker of %s is told of its vendor what it reads, and the console its step',
  (name, { step }) => {
    const { VENDOR } = variablesOf('dev', `${laneIdOf(step, name)}Worker`)
    expect(Object.keys(JSON.parse(VENDOR ?? '')).sort()).toEqual(
      ['step', ...Object.keys(calledVendor.shape)].sort(),
    )
  },
)

test('in dev the carrier ignores idempotency keys and can be looked up, the warehouse honours them', () => {
  expect(workerEnv('dev', 'LogisticsCarrier').VENDOR).toMatchObject({
    honoursIdempotencyKey: false,
    canBeLookedUp: true,
    canBeCancelled: true,
  })
  expect(workerEnv('dev', 'WmsWarehouse').VENDOR.honoursIdempotencyKey).toBe(true)
})

test('speed divides every wait, in the units that the functions read', () => {
  expect(workerEnv('fast', 'LogisticsCarrier')).toMatchObject({
    RETRY: { delaysMs: [17, 83, 333, 1000], waitingLimitMs: 1_440_000 },
    QUEUE_WAIT_UNIT_MS: 17,
    BREAKER: { openMs: 167, maxOpenMs: 5000, cacheMs: 33 },
    VENDOR: { settleMs: 1000 },
    OUTBOX_GRACE_MS: 1000,
  })
  expect(workerEnv('fast', 'WmsWarehouse').VENDOR.settleMs).toBe(1000)
  expect(variablesOf('fast', 'OutboxRelay')).toMatchObject({
    RELAY_INTERVAL_MS: '1000',
    RELAY_BACKOFF_MS: '[1000,2000,4000,8000,15000]',
    WAITING_LIMIT_MS: '1440000',
  })
})

test('speed leaves time-outs, claims and counts alone', () => {
  const real = (assembly: 'dev' | 'fast') => {
    const { VENDOR, CLAIM_MS, MAX_RECEIVE_COUNT, BREAKER } = workerEnv(assembly, 'LogisticsCarrier')
    return { CLAIM_MS, MAX_RECEIVE_COUNT, timeoutMs: VENDOR.timeoutMs, threshold: BREAKER.failureThreshold }
  }
  expect(real('fast')).toEqual(real('dev'))
  const timeouts = (assembly: 'dev' | 'fast') =>
    resources(assembly, 'stateless', 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.Timeout)
  expect(timeouts('fast')).toEqual(timeouts('dev'))
})

test('at speed a message is visible again sooner, but never while its worker may still be at it', () => {
  const visibilities = resources('fast', 'stateless', 'AWS::SQS::Queue')
    .filter(([, { Properties }]) => Properties.RedrivePolicy)
    .map(([, { Properties }]) => Properties.VisibilityTimeout)
  const workers = resources('fast', 'stateless', 'AWS::Lambda::Function')
    .filter(([, { Properties }]) => Properties.Environment.Variables.QUEUE_URL)
    .map(([, { Properties }]) => Properties.Timeout)
  expect(visibilities).toEqual(workers.map((timeout) => timeout + 1))
})

test("the command line's vendors are the ones that are called", () => {
  expect(workerEnv('fast', 'LogisticsCarrier').VENDOR.url).toBe('http://localhost:2/')
  expect(workerEnv('fast', 'WmsWarehouse').VENDOR.url).toBe('http://localhost:3/')
})
