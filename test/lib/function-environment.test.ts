import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseEnv } from '../../lambdas/runtime/env.ts'
import { outboxRelayEnv } from '../../lambdas/runtime/relay-env.ts'
import { stepWorkerEnv } from '../../lambdas/runtime/step-worker-env.ts'
import { bundleFolder } from '../../lib/functions/bundle.ts'
import { resolvedVariables, startFunction } from './start-function.ts'
import { type Resource, resources } from './templates.ts'

/** The variables that the template gives a function. */
function variablesOf(assembly: 'dev' | 'fast', name: string): Record<string, string> {
  const [, { Properties }] = resources(assembly, 'stateless', 'AWS::Lambda::Function').find(
    ([, each]) => each.Properties.Handler === `${name}.handler`,
  ) as [string, Resource]
  return resolvedVariables(Properties.Environment.Variables)
}

const workerEnv = (assembly: 'dev' | 'fast', step: string) =>
  parseEnv(stepWorkerEnv, variablesOf(assembly, `${step}-worker`))

/** Each start is a process of its own, and the machine may be busy. */
const startTimeoutMs = 60_000
const bundleOf = (name: string): string => join(bundleFolder(name), `${name}.cjs`)

const functions = resources('dev', 'stateless', 'AWS::Lambda::Function').map(([, { Properties }]) =>
  String(Properties.Handler).replace(/\.handler$/, ''),
)

test.each(functions)(
  '%s starts with what the template gives it, at any speed, and reads all of it',
  async (name) => {
    for (const assembly of ['dev', 'fast'] as const)
      expect(await startFunction(bundleOf(name), variablesOf(assembly, name))).toEqual({ unread: [] })
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
    const variables = { ...variablesOf('dev', 'get-order'), EVENT_BUS_NAME: 'bus' }
    expect(await startFunction(bundleOf('get-order'), variables)).toEqual({ unread: ['EVENT_BUS_NAME'] })
  },
  startTimeoutMs,
)

test(
  'a variable that the function lacks is noticed',
  async () => {
    const { ORDER_TABLE_NAME, ...variables } = variablesOf('dev', 'get-order')
    expect(await startFunction(bundleOf('get-order'), variables)).toMatchObject({
      error: expect.stringContaining('ORDER_TABLE_NAME'),
    })
  },
  startTimeoutMs,
)

/** What a function is called in logs and metrics where that is not its file: a worker by its vendor. */
const services = new Map([
  ['logistics-worker', 'carrier'],
  ['wms-worker', 'warehouse'],
])

test.each(functions)('%s names itself to logs and metrics', (name) => {
  expect(variablesOf('dev', name)).toMatchObject({
    POWERTOOLS_SERVICE_NAME: services.get(name) ?? name,
    POWERTOOLS_METRICS_NAMESPACE: 'CreateOrder/dev',
    LOG_LEVEL: 'DEBUG',
  })
})

test.each(functions)('%s leaves the heap to Lambda, whose own options win over NODE_OPTIONS', (name) => {
  expect(variablesOf('dev', name)).not.toHaveProperty('NODE_OPTIONS')
})

test('the relay knows every lane, its queues and what its vendor takes', () => {
  const { STEPS } = parseEnv(outboxRelayEnv, variablesOf('dev', 'outbox-relay'))
  const queues = { queueUrl: 'stand-in', deadLetterQueueUrl: 'stand-in' }
  expect(STEPS).toEqual([
    { ...queues, step: 'logistics', vendor: 'carrier', ratePerSecond: 50 },
    { ...queues, step: 'wms', vendor: 'warehouse', ratePerSecond: 50 },
    { ...queues, step: 'logistics', vendor: 'easypost', ratePerSecond: 5 },
  ])
})

test('in dev the carrier ignores idempotency keys and can be looked up, the warehouse honours them', () => {
  expect(workerEnv('dev', 'logistics').VENDOR).toMatchObject({
    honoursIdempotencyKey: false,
    canBeLookedUp: true,
    canBeCancelled: true,
  })
  expect(workerEnv('dev', 'wms').VENDOR.honoursIdempotencyKey).toBe(true)
})

test('speed divides every wait, in the units that the functions read', () => {
  expect(workerEnv('fast', 'logistics')).toMatchObject({
    RETRY: { delaysMs: [17, 83, 333, 1000], waitingLimitMs: 1_440_000 },
    QUEUE_WAIT_UNIT_MS: 17,
    BREAKER: { openMs: 167, maxOpenMs: 5000, cacheMs: 33 },
    VENDOR: { settleMs: 1000 },
    OUTBOX_GRACE_MS: 1000,
  })
  expect(workerEnv('fast', 'wms').VENDOR.settleMs).toBe(1000)
  expect(variablesOf('fast', 'outbox-relay')).toMatchObject({
    RELAY_INTERVAL_MS: '1000',
    RELAY_BACKOFF_MS: '[1000,2000,4000,8000,15000]',
    WAITING_LIMIT_MS: '1440000',
  })
})

test('speed leaves time-outs, claims and counts alone', () => {
  const real = (assembly: 'dev' | 'fast') => {
    const { VENDOR, CLAIM_MS, MAX_RECEIVE_COUNT, BREAKER } = workerEnv(assembly, 'logistics')
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
  expect(workerEnv('fast', 'logistics').VENDOR.url).toBe('http://localhost:2/')
  expect(workerEnv('fast', 'wms').VENDOR.url).toBe('http://localhost:3/')
})
