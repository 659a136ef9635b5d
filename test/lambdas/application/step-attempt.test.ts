import { beforeEach, describe, expect, test } from '@jest/globals'
import type { StepMessage } from '../../../lambdas/application/step.ts'
import { createStepAttempt } from '../../../lambdas/application/step-attempt.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { at, orderId } from '../../builders.ts'
import { createWorld, type World } from '../step-world.ts'

const message = { eventId: `${orderId}:CREATED`, orderId, deadLetterNumber: undefined, receives: 1 }
const claim = { step: 'logistics' as const, id: 'other', until: at(15_000) }
const deadLettered: Partial<Order> = {
  deadLettered: 2,
  deadLetterings: 2,
  attempts: 5,
  round: 1,
  attention: { state: 'dead-lettered', step: 'logistics', reason: 'NOPE', attempts: 5, since: at() },
  outboxEventId: `${orderId}:NEEDS_ATTENTION:logistics:2`,
  outboxPartition: 'announcement#f',
}
const failed = { kind: 'failed', reason: 'HTTP_500', certain: false } as const
const done = { kind: 'done', answer: { awb: 'AWB-1' } } as const

let world: World
beforeEach(async () => {
  world = await createWorld()
})

/** Tries once, as a message that was received so often. */
const attempt = (change: Partial<StepMessage> = {}, deps: Partial<ReturnType<World['deps']>> = {}) =>
  createStepAttempt({ ...world.deps(), ...deps }).attempt({ ...message, ...change }, 'mine')

describe('an attempt', () => {
  test('that succeeds brings the order on, publishes it, and leaves its new mark', async () => {
    await world.given()
    world.vendor.answers.push(done)

    const verdict = await attempt()

    const order = await world.stored()
    expect(verdict).toEqual({ kind: 'done', order })
    expect(order).toMatchObject({ status: 'AWB_GENERATED', awb: 'AWB-1', outboxPartition: 'wms#f' })
    expect(order).not.toHaveProperty('claim')
    expect(world.published()).toEqual([`${orderId}:AWB_GENERATED`])
    expect(world.record.valuesOf('StepCompleted')).toEqual([1])
  })

  test('takes the claim before it calls the vendor, with time for the relay after it', async () => {
    await world.given()
    let during: Order | undefined
    const create = async () => {
      during = await world.stored()
      return done
    }

    await attempt({}, { client: { ...world.vendor.client, create } })

    expect(during).toMatchObject({
      claim: { step: 'logistics', id: 'mine', until: at(21_000) },
      outboxDueAt: at(81_000),
    })
  })

  test.each([
    [0, 1000, 0.99, 1000],
    [1, 5000, 0.99, 5000],
    [2, 20_000, 0, 20_000],
    [2, 20_000, 0.99, 22_000],
    [3, 60_000, 0, 60_000],
    [3, 60_000, 0.5, 63_000],
    [3, 60_000, 0.99, 66_000],
  ])('that fails after %d others is due in %d ms; at random %d it comes back in %d', async (...row) => {
    const [attempts, delayMs, random, inMs] = row
    await world.given({ attempts })
    world.vendor.answers.push(failed)

    const verdict = await attempt({}, { random: () => random })

    expect(verdict).toMatchObject({ kind: 'come-back', inMs, reason: 'HTTP_500', failure: 'transient' })
    expect(await world.stored()).toMatchObject({ attempts: attempts + 1, nextAttemptAt: at(delayMs) })
  })

  test('comes back only whole units later where the unit is a fraction of a second', async () => {
    await world.given({ attempts: 3 })
    world.vendor.answers.push(failed)

    const policy = { ...world.policy, waitUnitMs: 1700 }
    const verdict = await attempt({}, { random: () => 0.99, policy })

    expect(verdict).toMatchObject({ inMs: 60_000 + 3 * 1700 })
  })

  test('whose claim was taken meanwhile records nothing and comes back', async () => {
    await world.given()
    const create = async () => {
      await world.db.put('orders', { ...(await world.stored()), claim })
      return done
    }

    const verdict = await attempt({}, { client: { ...world.vendor.client, create } })

    expect(verdict).toMatchObject({ kind: 'come-back', reason: 'CLAIM_LOST', failure: 'not-the-vendors' })
    expect(await world.stored()).toMatchObject({ status: 'CREATED', claim })
    expect(world.published()).toEqual([])
  })

  test('whose vendor could not be called, for a reason of ours, gives its claim back and opens no question', async () => {
    await world.given()
    const create = () => Promise.reject(new Error('The secret cannot be read'))

    const verdict = await attempt({}, { client: { ...world.vendor.client, create } })

    expect(verdict).toMatchObject({ kind: 'come-back', failure: 'not-the-vendors' })
    const order = await world.stored()
    expect(order).not.toHaveProperty('claim')
    expect(order).not.toHaveProperty('unknownOutcome')
    expect(order).toMatchObject({ attempts: 0, outboxDueAt: at(60_000) })
  })

  test('that has to settle comes back then, and loses no attempt', async () => {
    await world.given({ unknownOutcome: { at: at(-1000), round: 0 } })
    world.vendor.answers.push({ kind: 'not-there' })

    const traits = { honoursIdempotencyKey: false, canBeLookedUp: true, settleMs: 60_000 }
    const verdict = await attempt({}, { traits })

    expect(verdict).toMatchObject({ kind: 'come-back', inMs: 59_000, failure: 'waiting' })
    expect(await world.stored()).toMatchObject({ attempts: 0, nextAttemptAt: at(59_000) })
  })

  test.each([
    [1, 1000],
    [2, 2000],
    [4, 8000],
    [9, 60_000],
  ])('that fails for a reason of ours, on receive %d, comes back in %d ms', (receives, inMs) => {
    const { retryLater } = createStepAttempt(world.deps())

    const verdict = retryLater({ receives }, 'ORDER_CHANGED')

    expect(verdict).toMatchObject({ kind: 'come-back', inMs, failure: 'not-the-vendors' })
  })
})

describe('a message whose order', () => {
  test.each<[string, Partial<Order>, object]>([
    ['is past the step is done', { status: 'READY_FOR_FULFILLMENT' }, { kind: 'done' }],
    ['is cancelled is done', { status: 'CANCELLED' }, { kind: 'done' }],
    ['is claimed comes back after the claim', { claim }, { kind: 'come-back', inMs: 15_001 }],
    ['is too early comes back then', { nextAttemptAt: at(4000) }, { kind: 'come-back', inMs: 4000 }],
    ['is dead-lettered joins it', deadLettered, { kind: 'dead-letter', reason: 'NOPE', isNew: false }],
  ])('%s, and its vendor is not called', async (_, change, verdict) => {
    const order = await world.given(change)

    expect(await attempt()).toMatchObject({ ...verdict, order })
    expect(world.vendor.calls).toEqual([])
    expect(await world.stored()).toEqual(order)
  })

  test('is not there yet comes back', async () => {
    await world.given()
    const { step } = world.deps()

    const verdict = await attempt({}, { step: { ...step, from: 'AWB_GENERATED' } })

    expect(verdict).toMatchObject({ kind: 'come-back', inMs: 1000, reason: 'ORDER_NOT_THERE_YET' })
  })

  test('does not exist is poison', async () => {
    expect(await attempt()).toMatchObject({
      kind: 'dead-letter',
      reason: 'ORDER_NOT_FOUND',
      failure: 'poison',
    })
  })
})

describe('a redrive', () => {
  test("is the message that bears the order's number: a new round begins, with a new key", async () => {
    await world.given(deadLettered)
    world.vendor.answers.push(failed)

    await attempt({ deadLetterNumber: 2 })

    expect(world.vendor.calls).toEqual([`create ${orderId}:logistics:2`])
    expect(await world.stored()).toMatchObject({ attempts: 1, round: 2, deadLetterings: 2 })
    expect(await world.stored()).not.toHaveProperty('deadLettered')
  })

  test('keeps the key of an outcome that is unknown', async () => {
    await world.given({ ...deadLettered, unknownOutcome: { at: at(-99_000), round: 1 } })
    world.vendor.answers.push(done)

    await attempt({ deadLetterNumber: 2 })

    expect(world.vendor.calls).toEqual([`create ${orderId}:logistics:1`])
  })

  test("is a person's word that nothing was made, where nobody else can find out", async () => {
    await world.given({ ...deadLettered, unknownOutcome: { at: at(-99_000), round: 1 } })
    world.vendor.answers.push(done)

    const traits = { honoursIdempotencyKey: false, canBeLookedUp: false, settleMs: 60_000 }
    const verdict = await attempt({ deadLetterNumber: 2 }, { traits })

    expect(verdict).toMatchObject({ kind: 'done' })
    expect(world.vendor.calls).toEqual([`create ${orderId}:logistics:2`])
  })

  test.each([undefined, 1, 3])('is none with the number %p', async (number) => {
    await world.given(deadLettered)

    const verdict = await attempt(number === undefined ? {} : { deadLetterNumber: number })

    expect(verdict).toMatchObject({ kind: 'dead-letter', isNew: false })
    expect(world.vendor.calls).toEqual([])
  })

  test('first pays what the order owes: ORDER_NEEDS_ATTENTION goes out before its mark is replaced', async () => {
    await world.given(deadLettered)
    world.vendor.answers.push(failed)

    await attempt({ deadLetterNumber: 2 })

    expect(world.published()).toEqual([`${orderId}:NEEDS_ATTENTION:logistics:2`])
  })

  test('waits where that cannot be published', async () => {
    const order = await world.given(deadLettered)
    world.bridge.rejects(new Error('Down'))

    const verdict = await attempt({ deadLetterNumber: 2 })

    expect(verdict).toMatchObject({ kind: 'come-back', reason: 'ATTENTION_NOT_PUBLISHED' })
    expect(await world.stored()).toEqual(order)
  })
})
