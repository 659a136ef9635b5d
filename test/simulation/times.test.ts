import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import * as z from 'zod'
import {
  createDynamoDb,
  createEventBridge,
  createSecretsManager,
  createSqs,
} from '../../lambdas/runtime/aws-clients.ts'
import { loadSettings } from '../../lib/config.ts'
import { sdk, times } from './times.ts'

test('the simulation runs on the times of production', () => {
  const { retry, outbox, breaker, vendors } = loadSettings('prod')
  expect(times).toMatchObject({
    retryDelaysMs: retry.delaysMs,
    graceMs: outbox.graceMs,
    relayIntervalMs: outbox.relayIntervalMs,
    backoffMs: outbox.backoffMs,
    breakerFailureThreshold: breaker.failureThreshold,
    breakerOpenMs: breaker.openMs,
    breakerMaxOpenMs: breaker.maxOpenMs,
    breakerCacheMs: breaker.cacheMs,
    vendorTimeoutMs: vendors.logistics.timeoutMs,
    settleMs: vendors.logistics.settleMs,
  })
})

test('its workers are killed when production kills them', () => {
  const source = readFileSync(new URL('../../lib/workers/step-worker.ts', import.meta.url), 'utf8')
  const ownCallsMs = Number(/ownCallsMs = ([\d_]+)/.exec(source)?.[1]?.replaceAll('_', ''))
  expect(times.workerTimeoutMs).toBe(2 * times.vendorTimeoutMs + ownCallsMs)
  expect(times.claimMs).toBe(times.workerTimeoutMs + 1000)
})

test('its SDK tries as often and waits as long as the clients of lambdas/', async () => {
  process.env.AWS_REGION ??= 'eu-west-1'
  const handler = z.object({ requestTimeout: z.number() })
  const timeOuts = [
    [createDynamoDb().client, sdk.requestTimeoutMs],
    [createSqs(), sdk.requestTimeoutMs],
    [createSecretsManager(), sdk.requestTimeoutMs],
    [createEventBridge(), sdk.busTimeoutMs],
  ] as const
  for (const [{ config }, timeoutMs] of timeOuts) {
    expect(await config.maxAttempts()).toBe(sdk.attempts)
    // The handler knows its settings once it has been used, or asked for them.
    const settings = await (config.requestHandler as { configProvider?: unknown }).configProvider
    expect(handler.parse(settings).requestTimeout).toBe(timeoutMs)
  }
})
