import { expect, test } from '@jest/globals'
import * as z from 'zod'
import {
  createDynamoDb,
  createEventBridge,
  createSecretsManager,
  createSqs,
} from '../../lambdas/runtime/aws-clients.ts'
import { sdk } from './times.ts'

test('its SDK has the same attempts and time-outs as the clients of lambdas/', async () => {
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
    // The handler resolves its settings when it is first used; configProvider resolves them without a request.
    const settings = await (config.requestHandler as { configProvider?: unknown }).configProvider
    expect(handler.parse(settings).requestTimeout).toBe(timeoutMs)
  }
})
