import { beforeEach, describe, expect, test } from '@jest/globals'
import type { StepMessage } from '../../../lambdas/application/step.ts'
import { createStepAttempt } from '../../../lambdas/application/step-attempt.ts'
import { cancelling } from '../../../lambdas/domain/cancellation.ts'
import { linkOf } from '../../../lambdas/domain/chain.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { AwsError } from '../../../local/services/aws-service.ts'
import { at, changed, graceMs, nonce, orderId, t0 } from '../../builders.ts'
import { createWorld, type World } from '../step-world.ts'

const message = {
  eventId: `${orderId}:${nonce}:CREATED`,
  orderId,
  deadLetterNumber: undefined,
  receives: 1,
}
const claim = { step: 'logistics' as const, id: 'other', until: at(15_000), requestVersion: 1 }
const deadLettered: Partial<Order> = {
  deadLettered: 2,
  deadLetterings: 2,
  attempts: 5,
  round: 1,
  attention: { state: 'dead-lettered', step: 'logistics', reason: 'NOPE', attempts: 5, since: at() },
  outboxEventId: `${orderId}:${nonce}:NEEDS_ATTENTION:logistics:2`,
  outboxPartition: 'announcement#f',
}
const failed = { made: 'unknown', blame: 'vendor', reason: 'HTTP_500' } as const
const done = { made: 'yes', blame: 'nobody', reason: 'MADE', facts: { awb: 'AWB-1' } } as const
/** An earlier call of round 1 with an unknown outcome. */
const unknownOutcome = { since: at(-99_000), at: at(-99_000), round: 1, requestVersion: 1 }

let world: World
beforeEach(async () => {
  world = await createWorld()
})

/** Tries once, as a message that was received so often. */
const attempt = (change: Partial<StepMessage> = {}, deps: Partial<ReturnType<World['deps']>> = {}) =>
  createStepAttempt({ ...world.deps(), ...deps }).attempt({ ...message, ...change }, 'mine', { calls: 0 })

describe('an attempt', () => {
  test('that succeeds advances the order and leaves its new mark', async () => {
    await world.given()
    world.vendor.answers.push(done)

    const outcome = await attempt()

    const order = await world.stored()
    expect(outcome).toEqual({ decision: { kind: 'advance', facts: { awb: 'AWB-1' }, round: 0 }, order })
    expect(order).toMatchObject({ status: 'AWB_GENERATED', awb: 'AWB-1', outboxPartition: 'warehouse#f' })
    expect(order).not.toHaveProperty('claim')
  })

  test('takes the claim before it calls the vendor, and leaves a mark that is due later as it is', async () => {
    await world.given()
    let during: Order | undefined
    const create = async () => {
      during = await world.stored()
      return done
    }

    await attempt({}, { client: { ...world.vendor.client, create } })

    expect(during).toMatchObject({
      claim: { step: 'logistics', id: 'mine', until: at(21_000), requestVersion: 1 },
      outboxDueAt: at(60_000),
    })
  })

  test.each([
    [0, 1000],
    [1, 5000],
    [2, 20_000],
    [3, 60_000],
  ])('that fails after %d others is due in %d ms', async (attempts, delayMs) => {
    await world.given({ attempts })
    world.vendor.answers.push(failed)

    const outcome = await attempt()

    expect(outcome).toMatchObject({ decision: { kind: 'retry', at: t0 + delayMs, reason: 'HTTP_500' } })
    expect(await world.stored()).toMatchObject({ attempts: attempts + 1, nextAttemptAt: at(delayMs) })
  })

  test('whose claim was taken meanwhile records nothing and comes back', async () => {
    await world.given()
    const create = async () => {
      await world.db.put('orders', { ...(await world.stored()), claim })
      return done
    }

    const outcome = await attempt({}, { client: { ...world.vendor.client, create } })

    expect(outcome).toMatchObject({ decision: { kind: 'later', reason: 'CLAIM_LOST' } })
    expect(await world.stored()).toMatchObject({ status: 'CREATED', claim })
    expect(world.published()).toEqual([])
  })

  test('whose order is cancelled meanwhile leaves what it made to be undone, and gets it no further', async () => {
    await world.given()
    const create = async () => {
      const order = await world.stored()
      await world.db.put('orders', changed(order, cancelling(order, { now: t0, graceMs, retentionMs: 9 })))
      return done
    }

    const outcome = await attempt({}, { client: { ...world.vendor.client, create } })

    expect(outcome).toMatchObject({ decision: { kind: 'done' } })
    const order = await world.stored()
    expect(order).toMatchObject({ status: 'CANCELLING', undo: 'logistics', awb: 'AWB-1' })
    expect(order.made).toEqual({ logistics: { round: 0, at: at() } })
    expect(order).not.toHaveProperty('claim')
  })

  test('undoes its step under a claim that makes nothing, once a live claim is over', async () => {
    const live = { ...claim, until: at(9000) }
    const cancellation = { from: 'CREATED' } as const
    await world.given({ status: 'CANCELLING', undo: 'logistics', cancellation, claim: live, made: {} })
    const eventId = `${orderId}:${nonce}:CANCELLING:logistics`
    expect(await attempt({ eventId })).toMatchObject({
      decision: { kind: 'later', reason: 'TOO_EARLY', at: t0 + 9001 },
    })

    world.clock.pass(9001)
    let during: Order | undefined
    const cancel = async () => {
      during = await world.stored()
      return { made: 'yes', blame: 'nobody', reason: 'UNDONE', facts: {} } as const
    }
    const outcome = await attempt({ eventId }, { client: { ...world.vendor.client, cancel } })

    expect(during?.claim).not.toHaveProperty('requestVersion')
    // The claim that ended without an outcome may have made something.
    expect(during?.unknownOutcome).toMatchObject({ at: at(9000), round: 0 })
    expect(outcome).toMatchObject({ decision: { kind: 'undone' }, order: { status: 'CANCELLED' } })
  })

  test.each<[string, Partial<Order>]>([
    [
      'has to go back',
      { status: 'CANCELLING', undo: 'logistics', cancellation: { from: 'CREATED' }, made: {} },
    ],
    ['could not be cancelled any more', { cancellation: { from: 'CREATED', refusedIn: 'CREATED' } }],
  ])(
    'by an event of before does nothing for an order that %s: the world has to hear of that first',
    async (_, state) => {
      await world.given(state)

      expect(await attempt()).toMatchObject({ decision: { kind: 'done' } })
      expect(world.vendor.calls).toEqual([])
    },
  )

  test("leaves another step's turn to that step", async () => {
    const cancellation = { from: 'READY_FOR_FULFILLMENT' } as const
    await world.given({ status: 'CANCELLING', undo: 'wms', cancellation })

    expect(await attempt()).toMatchObject({ decision: { kind: 'done' } })
    expect(world.vendor.calls).toEqual([])
  })

  test('whose vendor could not be called, for a reason of ours, gives its claim back and opens no question', async () => {
    await world.given()
    const create = () => Promise.reject(new Error('The secret cannot be read'))

    const outcome = await attempt({}, { client: { ...world.vendor.client, create } })

    expect(outcome).toMatchObject({ decision: { kind: 'later', failure: 'not-the-vendors' } })
    const order = await world.stored()
    expect(order).not.toHaveProperty('claim')
    expect(order).not.toHaveProperty('unknownOutcome')
    const attention = { state: 'waiting', reason: 'OUR_ERROR:Error' }
    expect(order).toMatchObject({ attempts: 0, outboxDueAt: at(61_000), attention, waitingSince: at() })
  })

  test('whose vendor could not be called for as long as an order may wait is dead-lettered', async () => {
    await world.given({ waitingSince: at(-world.policy.waitingLimitMs) })
    const create = () => Promise.reject(new Error('The secret cannot be read'))

    const outcome = await attempt({}, { client: { ...world.vendor.client, create } })

    expect(outcome).toMatchObject({
      decision: { kind: 'dead-letter', reason: 'WAITED_TOO_LONG:OUR_ERROR:Error' },
    })
    expect(await world.stored()).toMatchObject({ deadLettered: 1 })
  })

  test('that has to settle comes back then, and loses no attempt', async () => {
    await world.given({ unknownOutcome: { ...unknownOutcome, at: at(-1000) } })
    world.vendor.answers.push({ made: 'no', blame: 'nobody', reason: 'NOT_THERE' })

    const traits = { ...world.deps().traits, honoursIdempotencyKey: false }
    const outcome = await attempt({}, { traits })

    expect(outcome).toMatchObject({ decision: { kind: 'wait', until: t0 + 59_000, keepsMessage: true } })
    expect(await world.stored()).toMatchObject({ attempts: 0, nextAttemptAt: at(59_000) })
  })

  test.each([
    [1, 1000],
    [2, 2000],
    [4, 8000],
    [9, 60_000],
  ])('that fails for a reason of ours, on receive %d, comes back in %d ms', (receives, inMs) => {
    const { retryLater } = createStepAttempt(world.deps())

    const { decision } = retryLater({ receives }, 'ORDER_CHANGED')

    expect(decision).toMatchObject({ kind: 'later', at: t0 + inMs, failure: 'not-the-vendors' })
  })
})

describe('a message whose order', () => {
  test.each<[string, Partial<Order>, object]>([
    ['is past the step is done', { status: 'READY_FOR_FULFILLMENT' }, { kind: 'done' }],
    ['is cancelled is done', { status: 'CANCELLED' }, { kind: 'done' }],
    ['is claimed comes back after the claim', { claim }, { kind: 'later', at: t0 + 15_001 }],
    ['is too early comes back then', { nextAttemptAt: at(4000) }, { kind: 'later', at: t0 + 4000 }],
    ['is dead-lettered joins it', deadLettered, { kind: 'to-dlq', reason: 'NOPE' }],
  ])('%s, and its vendor is not called', async (_, change, decision) => {
    const order = await world.given(change)

    expect(await attempt()).toMatchObject({ decision, order })
    expect(world.vendor.calls).toEqual([])
    expect(await world.stored()).toEqual(order)
  })

  test('is not there yet comes back', async () => {
    await world.given()

    const eventId = `${orderId}:${nonce}:AWB_GENERATED`
    const outcome = await attempt({ eventId }, { step: linkOf('wms') })

    expect(outcome).toMatchObject({
      decision: { kind: 'later', at: t0 + 1000, reason: 'ORDER_NOT_THERE_YET' },
    })
  })

  test('does not exist is poison', async () => {
    expect(await attempt()).toEqual({
      decision: { kind: 'to-dlq', reason: 'ORDER_NOT_FOUND', failure: 'poison' },
    })
  })
})

describe('a redrive', () => {
  test("is the message that has the order's number: a new round begins, with a new key", async () => {
    await world.given(deadLettered)
    world.vendor.answers.push(failed)

    await attempt({ deadLetterNumber: 2 })

    expect(world.vendor.calls).toEqual(['create 02'])
    expect(await world.stored()).toMatchObject({ attempts: 1, round: 2, deadLetterings: 2 })
    expect(await world.stored()).not.toHaveProperty('deadLettered')
  })

  test('keeps the key of an outcome that is unknown', async () => {
    await world.given({ ...deadLettered, unknownOutcome })
    world.vendor.answers.push(done)

    await attempt({ deadLetterNumber: 2 })

    expect(world.vendor.calls).toEqual(['create 01'])
  })

  test('leaves open a question that only a person can answer', async () => {
    await world.given({ ...deadLettered, unknownOutcome })

    const traits = { ...world.deps().traits, honoursIdempotencyKey: false, canBeLookedUp: false }
    const open = await attempt({ deadLetterNumber: 2 }, { traits })

    expect(open).toMatchObject({
      decision: { kind: 'dead-letter', reason: 'OUTCOME_UNKNOWN:NO_WAY_TO_FIND_OUT' },
    })
    expect(world.vendor.calls).toEqual([])
  })

  test.each([undefined, 1, 3])('is none with the number %p', async (number) => {
    await world.given(deadLettered)

    const outcome = await attempt(number === undefined ? {} : { deadLetterNumber: number })

    expect(outcome).toMatchObject({ decision: { kind: 'to-dlq' } })
    expect(world.vendor.calls).toEqual([])
  })

  test('first pays what the order owes: ORDER_NEEDS_ATTENTION goes out before its mark is replaced', async () => {
    await world.given(deadLettered)
    world.vendor.answers.push(failed)

    await attempt({ deadLetterNumber: 2 })

    expect(world.published()).toEqual([`${orderId}:${nonce}:NEEDS_ATTENTION:logistics:2`])
  })

  test('waits if that cannot be published', async () => {
    const order = await world.given(deadLettered)
    world.bridge.rejects(new Error('Down'))

    const outcome = await attempt({ deadLetterNumber: 2 })

    expect(outcome).toMatchObject({ decision: { kind: 'later', reason: 'ATTENTION_NOT_PUBLISHED' } })
    expect(await world.stored()).toEqual(order)
  })
})

describe('an open circuit', () => {
  const pause = (forMs: number) =>
    world.deps().breaker.pause({ orderId: 'o', reason: 'TIME_OUT', now: t0, probe: undefined, forMs })

  test('of up to a minute sends the message back, and writes nothing on its order', async () => {
    const order = await world.given()
    await pause(60_000)

    expect(await attempt()).toEqual({
      decision: { kind: 'later', reason: 'CIRCUIT_OPEN:TIME_OUT', failure: 'waiting', at: t0 + 60_000 },
    })
    expect(await world.stored()).toEqual(order)
  })

  test('says on the order why it waits once its message has come back twice, and keeps the message', async () => {
    await world.given()
    await pause(10_000)

    const { decision } = await attempt({ receives: 3 })

    expect(decision).toMatchObject({ kind: 'wait', keepsMessage: true })
    expect(await world.stored()).toMatchObject({
      attention: { state: 'waiting', reason: 'CIRCUIT_OPEN:TIME_OUT' },
      nextAttemptAt: at(10_000),
    })
  })

  test('for longer lets the order wait in the outbox, and keeps what is unknown', async () => {
    await world.given({ unknownOutcome })
    await pause(60_001)

    const { decision } = await attempt()

    expect(decision).toMatchObject({ kind: 'wait', until: t0 + 60_001, question: unknownOutcome })
    expect(world.vendor.calls).toEqual([])
  })

  test('releases its probe if the order cannot be claimed', async () => {
    await world.given({ claim })
    await pause(10_000)
    world.clock.pass(10_000)

    await attempt()

    expect(await world.db.read('circuits', { vendor: 'carrier' })).not.toHaveProperty('probeId')
  })
})

describe('a turn that does not come in this invocation', () => {
  const refused = (until: number, receives = 1) =>
    createStepAttempt(world.deps()).attempt({ ...message, receives }, 'mine', { until, calls: 0 })

  test('sends the message back for up to a minute, and writes nothing', async () => {
    const order = await world.given()

    expect(await refused(t0 + 60_000, 2)).toEqual({
      decision: { kind: 'later', reason: 'RATE_LIMITED', failure: 'waiting', at: t0 + 60_000 },
    })
    expect(await world.stored()).toEqual(order)
  })

  test('is recorded on the order if it is further away: the order waits in the outbox and loses no attempt', async () => {
    await world.given()

    expect(await refused(t0 + 60_001)).toMatchObject({ decision: { kind: 'wait', keepsMessage: false } })
    expect(await world.stored()).toMatchObject({
      attempts: 0,
      attention: { state: 'waiting', reason: 'RATE_LIMITED' },
      outboxDueAt: at(60_001),
    })
    expect(world.vendor.calls).toEqual([])
  })
})

describe('on the last receive', () => {
  const giveUp = () => createStepAttempt(world.deps()).giveUp({ ...message, receives: 10 })

  test('an order whose worker died is dead-lettered, with its unknown outcome', async () => {
    await world.given({ claim: { ...claim, until: at(-1) } })

    expect(await giveUp()).toMatchObject({
      decision: { kind: 'dead-letter', reason: 'RECEIVED_TOO_OFTEN' },
      order: { unknownOutcome: { at: at(-1), round: 0, requestVersion: 1 } },
    })
  })

  test.each<[string, Partial<Order>]>([
    ['that no worker got to', {}],
    ['that another works on', { claim }],
  ])('an order %s is left to its mark', async (_, change) => {
    const order = await world.given(change)

    expect(await giveUp()).toEqual({ decision: { kind: 'done' }, order })
  })
})

test("an outcome that can never be written is a person's at once, with what the vendor has made", async () => {
  await world.given()
  world.vendor.answers.push(done)
  world.db.failWhen((action, input) => {
    if (action === 'UpdateItem' && JSON.stringify(input).includes('AWB_GENERATED'))
      throw new AwsError('ValidationException', 'Item size has exceeded the maximum allowed size')
  })

  expect(await attempt()).toMatchObject({
    decision: { kind: 'dead-letter', reason: 'NOT_WRITABLE', facts: { awb: 'AWB-1' } },
    order: { deadLettered: 1, unknownOutcome: { round: 0 } },
  })
})
