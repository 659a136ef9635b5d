import { beforeEach, describe, expect, test } from '@jest/globals'
import type { CallResult } from '../../../lambdas/adapters/vendor-client.ts'
import { createGuardedCall } from '../../../lambdas/application/guarded-call.ts'
import type { StepDeps } from '../../../lambdas/application/step.ts'
import { at, storedOrder, t0 } from '../../builders.ts'
import { createWorld, type World } from '../step-world.ts'

let world: World
let deps: StepDeps<{ awb: string }>
beforeEach(async () => {
  world = await createWorld()
  deps = world.deps()
})

const call = (change: Parameters<typeof storedOrder>[0] = {}) =>
  createGuardedCall(deps)(storedOrder(change), 'claim-1')
const answers = (...results: (CallResult<{ awb: string }> | Error)[]) => world.vendor.answers.push(...results)
const circuit = () => world.db.read('circuits', { vendor: 'carrier' })
/** Opens the circuit for 10 s. */
const open = () => deps.breaker.pause('RATE_LIMITED', 10_000, t0)

const done = { kind: 'done', answer: { awb: 'AWB-1' } } as const
const failed = { kind: 'failed', reason: 'HTTP_500', certain: false } as const
const paused = (ourFault: boolean, retryAfterMs?: number) =>
  ({ kind: 'paused', reason: 'VENDOR_UNAVAILABLE', retryAfterMs, ourFault, certain: true }) as const

test('a vendor that answers advances the order, and its latency is told', async () => {
  answers(done)

  expect(await call()).toEqual({ kind: 'advance', answer: { awb: 'AWB-1' } })
  expect(world.record.dimensionsOf('VendorLatency')).toEqual([{ vendor: 'carrier' }])
})

test('an open circuit keeps the vendor from being called, and keeps what is unknown', async () => {
  await open()

  const decision = await call({ unknownOutcome: { at: at(-5), round: 0 } })

  expect(decision).toEqual({
    kind: 'wait',
    reason: 'CIRCUIT_OPEN:RATE_LIMITED',
    uncertainSince: t0 - 5,
    until: t0 + 10_000,
  })
  expect(world.vendor.calls).toEqual([])
})

test('the failure that opens the circuit waits rather than uses up an attempt', async () => {
  answers(failed, failed, failed)

  const decisions = [await call(), await call(), await call()]

  expect(decisions.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'wait'])
  expect(decisions[2]).toMatchObject({ reason: 'CIRCUIT_OPEN:HTTP_500', until: t0 + 10_000 })
})

test.each([
  ['that refuses an order', { kind: 'refused', reason: 'HTTP_422' } as const],
  ['that has accepted one', { kind: 'accepted', retryAfterMs: undefined } as const],
  ['that has an order already', { kind: 'conflict' } as const],
])('a vendor %s is up: the failures before it do not count', async (_, answer) => {
  answers(failed, failed, answer, { kind: 'not-there' })
  await call()
  await call()

  await call()

  expect(await circuit()).toMatchObject({ state: 'closed', failures: 0 })
})

describe('a pause', () => {
  test('that the vendor asks for opens the circuit for that long', async () => {
    answers(paused(false, 7000))

    expect(await call()).toMatchObject({ kind: 'wait', reason: 'VENDOR_UNAVAILABLE', until: t0 + 7000 })
    expect(await circuit()).toMatchObject({ state: 'open', until: t0 + 7000 })
  })

  test('without a time opens it for as long as configured', async () => {
    answers(paused(true))

    expect(await call()).toMatchObject({ kind: 'wait', until: t0 + 10_000 })
  })

  test.each([
    ['asks for never doubles', false, 17_000],
    ['causes by our own fault doubles', true, 30_000],
  ])('that a probe %s', async (_, ourFault, until) => {
    await open()
    world.clock.pass(10_000)
    answers(paused(ourFault, 7000))

    await call()

    expect(await circuit()).toMatchObject({ state: 'open', until: t0 + until })
  })
})

describe('a probe', () => {
  beforeEach(async () => {
    await open()
    world.clock.pass(10_000)
  })

  test('closes the circuit by an answer', async () => {
    answers(done)

    await call()

    expect(await circuit()).toMatchObject({ state: 'closed' })
  })

  test('that fails waits, even on the last attempt of its order', async () => {
    answers(failed)

    expect(await call({ attempts: 4 })).toMatchObject({ kind: 'wait', until: t0 + 30_000 })
  })

  test('gives its turn back where the vendor need not be called', async () => {
    deps = { ...deps, traits: { honoursIdempotencyKey: false, canBeLookedUp: false, settleMs: 1 } }

    const decision = await call({ unknownOutcome: { at: at(-5), round: 0 } })

    expect(decision).toMatchObject({ kind: 'dead-letter', reason: 'OUTCOME_UNKNOWN:NO_WAY_TO_FIND_OUT' })
    expect(await circuit()).not.toHaveProperty('probeId')
  })

  test('gives its turn back where something of ours fails', async () => {
    answers(new Error('The secret cannot be read'))

    await expect(call()).rejects.toThrow('The secret cannot be read')
    expect(await circuit()).not.toHaveProperty('probeId')
  })
})
