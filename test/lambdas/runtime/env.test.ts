import { describe, expect, test } from '@jest/globals'
import { cancelOrderEnv, parseEnv } from '../../../lambdas/runtime/env.ts'
import { outboxRelayEnv } from '../../../lambdas/runtime/relay-env.ts'
import { stepWorkerEnv } from '../../../lambdas/runtime/step-worker-env.ts'
import { environment } from '../environment.ts'

const step = { step: 'wms', vendor: 'w', queueUrl: 'q', deadLetterQueueUrl: 'd', ratePerSecond: 5 }
const worker = (change: NodeJS.ProcessEnv) => () => parseEnv(stepWorkerEnv, { ...environment, ...change })
const relay = (STEPS: string) => () => parseEnv(outboxRelayEnv, { ...environment, STEPS })

test("a worker's environment is numbers, flags and lists", () => {
  expect(worker({})()).toMatchObject({
    MAX_RECEIVE_COUNT: 10,
    RETRY_DELAYS_MS: [1000, 5000, 20_000, 60_000],
    VENDOR_HONOURS_IDEMPOTENCY_KEY: false,
    VENDOR_CAN_BE_LOOKED_UP: true,
    VENDOR_CAN_BE_CANCELLED: true,
  })
})

test("the relay's environment knows its steps", () => {
  expect(relay(JSON.stringify([step]))()).toMatchObject({
    STEPS: [step],
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
    ['RETRY_DELAYS_MS', ''],
    ['RETRY_DELAYS_MS', '1000,soon'],
    ['RETRY_DELAYS_MS', '1000,,5000'],
    ['VENDOR_HONOURS_IDEMPOTENCY_KEY', 'yes'],
    ['VENDOR_URL', ''],
    ['QUEUE_URL', undefined],
  ])('is refused by its name: %s=%p', (name, value) => {
    expect(worker({ [name]: value })).toThrow(name)
  })

  test.each([
    ['no JSON', '[{'],
    ['no list', '{}'],
    ['empty', '[]'],
    ['without a vendor', JSON.stringify([{ ...step, vendor: undefined }])],
    ['with a step that is none', JSON.stringify([{ ...step, step: 'customs' }])],
    ['with a rate of 0', JSON.stringify([{ ...step, ratePerSecond: 0 }])],
  ])('is refused by its name where the steps are %s', (_, steps) => {
    expect(relay(steps)).toThrow(/environment is wrong: STEPS/)
  })
})
