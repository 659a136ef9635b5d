import { describe, expect, test } from '@jest/globals'
import { cancelOrderEnv, parseEnv } from '../../../lambdas/runtime/env.ts'
import { outboxRelayEnv } from '../../../lambdas/runtime/relay-env.ts'
import { stepWorkerEnv } from '../../../lambdas/runtime/step-worker-env.ts'
import { environment, vendorSettings } from '../environment.ts'

const step = { step: 'wms', vendor: 'w', queueUrl: 'q', deadLetterQueueUrl: 'd', ratePerSecond: 5 }
const worker = (change: NodeJS.ProcessEnv) => () => parseEnv(stepWorkerEnv, { ...environment, ...change })
const relay = (LANES: string) => () => parseEnv(outboxRelayEnv, { ...environment, LANES })

test("a worker's environment is numbers, and JSON of what is more", () => {
  expect(worker({})()).toMatchObject({
    MAX_RECEIVE_COUNT: 10,
    VENDOR: vendorSettings,
    RETRY: { delaysMs: [1000, 5000, 20_000, 60_000] },
  })
})

test("the relay's environment knows its steps", () => {
  expect(relay(JSON.stringify([step]))()).toMatchObject({
    LANES: [step],
    RELAY_BACKOFF_MS: [60_000, 120_000],
  })
})

describe('a wrong environment', () => {
  test('is refused, naming every variable that is wrong', () => {
    const parse = () => parseEnv(cancelOrderEnv, { ORDER_TABLE_NAME: '', OUTBOX_GRACE_MS: 'soon' })

    for (const name of ['ORDER_TABLE_NAME', 'EVENT_BUS_NAME', 'OUTBOX_GRACE_MS', 'ORDER_RETENTION_DAYS'])
      expect(parse).toThrow(name)
  })

  test.each([
    ['MAX_RECEIVE_COUNT', '0'],
    ['MAX_RECEIVE_COUNT', '1.5'],
    ['CLAIM_MS', '-1'],
    ['CLAIM_MS', ''],
    ['RETRY', ''],
    ['RETRY', '{"delaysMs":[1000,"soon"],"waitingLimitMs":1}'],
    ['RETRY', '{"delaysMs":[],"waitingLimitMs":1}'],
    ['VENDOR.honoursIdempotencyKey', JSON.stringify({ ...vendorSettings, honoursIdempotencyKey: 'yes' })],
    ['VENDOR.url', JSON.stringify({ ...vendorSettings, url: '' })],
    ['QUEUE_URL', undefined],
  ])('is refused by its name: %s=%p', (name, value) => {
    const [variable = name] = name.split('.')

    expect(worker({ [variable]: value })).toThrow(name)
  })

  test.each([
    ['no JSON', '[{'],
    ['no list', '{}'],
    ['empty', '[]'],
    ['without a vendor', JSON.stringify([{ ...step, vendor: undefined }])],
    ['with a step that is none', JSON.stringify([{ ...step, step: 'customs' }])],
    ['with a rate of 0', JSON.stringify([{ ...step, ratePerSecond: 0 }])],
  ])('is refused by its name if the steps are %s', (_, steps) => {
    expect(relay(steps)).toThrow(/environment is wrong: LANES/)
  })
})
