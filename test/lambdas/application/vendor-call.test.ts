import { beforeEach, describe, expect, test } from '@jest/globals'
import { parseCircuit } from '../../../lambdas/adapters/circuit.ts'
import { createSafeClient, type VendorJob } from '../../../lambdas/adapters/vendor-client.ts'
import type { StepDeps } from '../../../lambdas/application/step.ts'
import { createVendorCall, vendorReference } from '../../../lambdas/application/vendor-call.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import type { VendorTraits } from '../../../lambdas/domain/unknown-outcome.ts'
import type { Meaning } from '../../../lambdas/domain/vendor-answer.ts'
import { at, orderId, storedOrder, t0, vendorCode, vendorTraits } from '../../builders.ts'
import { createWorld, type World } from '../step-world.ts'

const keys = vendorTraits
const keysOnly = { ...keys, canBeLookedUp: false }
const lookUpOnly = { ...keys, honoursIdempotencyKey: false }
const neither = { ...lookUpOnly, canBeLookedUp: false }

const facts = { awb: 'AWB-1' }
const made: Meaning = { made: 'yes', blame: 'nobody', reason: 'MADE', facts }
const accepted: Meaning = { made: 'accepted', blame: 'nobody', reason: 'NOT_READY_YET', retryAfterMs: 5000 }
const notThere: Meaning = { made: 'no', blame: 'nobody', reason: 'NOT_THERE' }
const conflict: Meaning = { made: 'unknown', blame: 'nobody', reason: 'CONFLICT' }
const refused: Meaning = { made: 'no', blame: 'order', reason: vendorCode('NOPE') }
const timeOut: Meaning = { made: 'unknown', blame: 'vendor', reason: 'TIME_OUT' }
const unreached: Meaning = { made: 'no', blame: 'unreached', reason: 'CONNECTION_FAILED' }
const unclear: Meaning = { made: 'no', blame: 'unclear', reason: 'HTTP_403' }
const ours: Meaning = { made: 'no', blame: 'us', reason: 'CREDENTIAL_REFUSED' }
const busy = (retryAfterMs?: number): Meaning => ({
  made: 'no',
  blame: 'nobody',
  reason: 'RATE_LIMITED',
  retryAfterMs,
})

let world: World
let deps: StepDeps
beforeEach(async () => {
  world = await createWorld()
  deps = world.deps()
})

const call = (
  change: Partial<Order> = {},
  { traits = keys, probe }: { traits?: VendorTraits; probe?: string } = {},
) => createVendorCall({ ...deps, traits })(storedOrder({ round: 2, ...change }), probe, { calls: 0 })
const answers = (...all: (Meaning | Error)[]) => world.vendor.answers.push(...all)
const circuit = () => world.db.read('circuits', { vendor: 'carrier' })
/** A question of round 0, whose last call ended this many ms ago. */
const asked = (agoMs: number, change: object = {}) => ({
  unknownOutcome: { since: at(-agoMs), at: at(-agoMs), round: 0, requestVersion: 1, ...change },
})

describe('a first call', () => {
  test.each([keys, keysOnly, lookUpOnly, neither])(
    'creates under the reference of its round: %j',
    async (traits) => {
      answers(made)

      expect(await call({}, { traits })).toEqual({ kind: 'advance', facts, round: 2 })
      expect(world.vendor.calls).toEqual(['create 02'])
      expect(world.record.dimensionsOf('VendorLatency')).toEqual([{ lane: 'carrier' }])
    },
  )

  test('that may have done it leaves a question of its round and request', async () => {
    answers(timeOut)

    expect(await call()).toMatchObject({
      kind: 'retry',
      question: { since: at(), at: at(), round: 2, requestVersion: 1 },
    })
  })

  test.each([timeOut, accepted, conflict])(
    "of a vendor that can do neither is a person's: %j",
    async (answer) => {
      answers(answer)

      expect(await call({}, { traits: neither })).toMatchObject({
        kind: 'dead-letter',
        reason: `OUTCOME_UNKNOWN:${answer.reason}`,
      })
    },
  )
})

test.each([
  ['after its request has left leaves a question', { kind: 'no-answer', reason: 'TIME_OUT' } as const, 2],
  ['where nobody was reached has asked nothing', { kind: 'not-connected' } as const, undefined],
])('a client that throws %s', async (_, reply, round) => {
  const client = createSafeClient(
    async () => reply,
    (http) => ({
      ...deps.client,
      create: async () => {
        await http('POST', '/things')
        throw new TypeError('A bug')
      },
    }),
  )
  const asking = createVendorCall({ ...deps, client, traits: neither })(
    storedOrder({ round: 2 }),
    undefined,
    {
      calls: 0,
    },
  ).catch(({ message }) => ({ message }))

  expect(await asking).toMatchObject(
    round === undefined
      ? { message: 'A bug' }
      : { kind: 'dead-letter', reason: 'OUTCOME_UNKNOWN:OUR_ERROR:TypeError', question: { round } },
  )
})

describe('a client that makes two calls', () => {
  const claim = { step: 'logistics', id: 'own', until: at(20_000), requestVersion: 1 } as const
  /** Saves the vendor's own id between its calls. */
  const inTwo = (second: () => Promise<Meaning>) => ({
    ...deps.client,
    create: async ({ save, checkpoint }: VendorJob): Promise<Meaning> => {
      world.vendor.calls.push(`saved before: ${checkpoint}`)
      await save('their-id')
      return second()
    },
    lookUp: async ({ checkpoint }: VendorJob): Promise<Meaning> =>
      checkpoint === 'their-id' ? made : notThere,
  })
  const callWith = async (second: () => Promise<Meaning>, change: Partial<Order> = {}) => {
    const order = await world.given({ round: 2, claim, ...change })
    const turn = { calls: 0 }
    const callVendor = createVendorCall({ ...deps, client: inTwo(second), clientCalls: 2, traits: keys })
    return { decision: await callVendor(order, undefined, turn), turn }
  }

  test('finds what it has saved in this round, and not in another', async () => {
    await callWith(async () => timeOut)

    const { checkpoints } = await world.stored()
    expect(checkpoints).toEqual({ logistics: { round: 2, value: 'their-id' } })
    await callWith(async () => made, { checkpoints })
    await callWith(async () => made, { checkpoints, round: 3 })
    expect(world.vendor.calls).toEqual([
      'saved before: undefined',
      'saved before: their-id',
      'saved before: undefined',
    ])
  })

  test('finds it in the look-up that follows at once, and counts all calls', async () => {
    const { decision, turn } = await callWith(async () => conflict)

    expect(decision).toMatchObject({ kind: 'advance', round: 2 })
    expect(turn.calls).toBe(3)
  })

  test('stops if the claim is lost or the order cancelled', async () => {
    const order = await world.given({ round: 2, claim })
    await world.given({ round: 2, claim: { ...claim, id: 'another' } })
    const second = async (): Promise<Meaning> => {
      world.vendor.calls.push('second')
      return made
    }
    const callVendor = createVendorCall({ ...deps, client: inTwo(second), clientCalls: 2, traits: keys })

    await expect(callVendor(order, undefined, { calls: 0 })).rejects.toThrow(
      'cancelled or claimed by another worker',
    )
    expect(world.vendor.calls).toEqual(['saved before: undefined'])
  })
})

describe('a conflict', () => {
  test.each([
    ['is done where the look-up shows it', made, { kind: 'advance' }],
    ['waits where it is under way', accepted, { kind: 'wait', reason: 'NOT_READY_YET' }],
    ['is a failed attempt where nothing is there', notThere, { kind: 'retry', reason: 'CONFLICT' }],
    ['is a failed attempt where the look-up fails', timeOut, { kind: 'retry', reason: 'TIME_OUT' }],
    [
      'is a failed attempt where it cannot be looked up now',
      new Error('No secret'),
      { kind: 'retry', reason: 'CONFLICT' },
    ],
  ])('%s', async (_, found, decision) => {
    answers(conflict, found)

    expect(await call()).toMatchObject(decision)
    expect(world.vendor.calls).toEqual(['create 02', 'lookUp 02'])
  })

  test('of a vendor that only honours keys is tried again with the same key', async () => {
    answers(conflict)

    expect(await call({}, { traits: keysOnly })).toMatchObject({ kind: 'retry', question: { round: 2 } })
  })
})

describe('while an outcome is unknown, a vendor that honours keys', () => {
  test.each([
    ['made', made, { kind: 'advance' }],
    ['accepted', accepted, { kind: 'wait', question: { round: 0, at: at() } }],
    ['unknown again', timeOut, { kind: 'retry', question: { round: 0, at: at() } }],
    ['not reached', unreached, { kind: 'retry', question: { round: 0, at: at(-9000) } }],
  ])('gets the same request of that round again: %s', async (_, answer, decision) => {
    answers(answer)

    expect(await call(asked(9000), { traits: keysOnly })).toMatchObject(decision)
    expect(world.vendor.calls).toEqual(['create 00'])
  })

  test('and refuses the repeat is looked up, and its refusal is not believed before that has settled', async () => {
    answers(refused, notThere)

    expect(await call(asked(9000))).toMatchObject({
      kind: 'wait',
      reason: 'OUTCOME_UNKNOWN',
      until: t0 + 60_000,
      question: { round: 0, refused: 'NOPE' },
    })
    expect(world.vendor.calls).toEqual(['create 00', 'lookUp 00'])
  })

  test('and refuses the repeat because it has the order already shows it', async () => {
    answers(refused, made)

    expect(await call(asked(9000))).toEqual({ kind: 'advance', facts, round: 0 })
  })

  test("and refuses the repeat is a person's without look-ups, with the question kept", async () => {
    answers(refused)

    expect(await call(asked(9000), { traits: keysOnly })).toMatchObject({
      kind: 'dead-letter',
      reason: 'OUTCOME_UNKNOWN:NOPE',
      question: { round: 0, refused: 'NOPE' },
    })
  })

  test.each([
    ['once it has forgotten the key', asked(86_400_000)],
    ['where our request has changed since', asked(9000, { requestVersion: 7 })],
  ])('is looked up %s, or left to a person', async (_, order) => {
    answers(made)

    expect(await call(order)).toEqual({ kind: 'advance', facts, round: 0 })
    expect(await call(order, { traits: keysOnly })).toMatchObject({ kind: 'dead-letter' })
    expect(world.vendor.calls).toEqual(['lookUp 00'])
  })
})

describe('while an outcome is unknown, a vendor that can only be looked up', () => {
  test.each([
    ['made', made, { kind: 'advance' }],
    ['under way', accepted, { kind: 'wait' }],
    ['not to be found out now', timeOut, { kind: 'retry' }],
    ['not there, but that has not settled', notThere, { kind: 'wait', until: t0 + 51_000 }],
  ])('is asked first, and nothing is created where it is %s', async (_, found, decision) => {
    answers(found)

    expect(await call(asked(9000), { traits: lookUpOnly })).toMatchObject(decision)
    expect(world.vendor.calls).toEqual(['lookUp 00'])
  })

  test.each([
    ['made', made, { kind: 'advance' }],
    ['refused, for good now', refused, { kind: 'dead-letter', reason: 'NOPE', question: undefined }],
    ['unknown again, as a question of its own', timeOut, { question: { since: at(), round: 0 } }],
    ['certainly not made', unreached, { kind: 'retry', question: undefined }],
  ])(
    'is asked to create once nothing is there for good, under the reference that a look-up finds: %s',
    async (_, answer, decision) => {
      answers(notThere, answer)

      expect(await call(asked(60_000), { traits: lookUpOnly })).toMatchObject(decision)
      expect(world.vendor.calls).toEqual(['lookUp 00', 'create 00'])
    },
  )
})

test('while an outcome is unknown, a vendor that can do neither is left alone', async () => {
  expect(await call(asked(9000), { traits: neither })).toMatchObject({
    kind: 'dead-letter',
    reason: 'OUTCOME_UNKNOWN:NO_WAY_TO_FIND_OUT',
    question: { round: 0 },
  })
  expect(world.vendor.calls).toEqual([])
})

describe('the circuit', () => {
  test.each([
    ['refuses an order', refused],
    ['has accepted one', accepted],
    ['has an order already', conflict],
  ])('stays closed by a vendor that %s: the failures before it do not count', async (_, answer) => {
    answers(timeOut, timeOut, answer, notThere)
    await call()
    await call()

    await call()

    expect(await circuit()).toMatchObject({ state: 'closed', failures: 0 })
  })

  test('opens by failures, and the one that opens it uses up no attempt', async () => {
    answers(timeOut, timeOut, timeOut)

    const decisions = [await call(), await call(), await call()]

    expect(decisions.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'wait'])
    expect(decisions[2]).toMatchObject({ reason: 'CIRCUIT_OPEN:TIME_OUT', until: t0 + 10_000 })
  })

  test.each<[string, Meaning, number]>([
    ['at once where we are to blame', ours, 10_000],
    ['for as long as a vendor asks that is unavailable', { ...timeOut, retryAfterMs: 7000 }, 7000],
  ])('opens %s', async (_, answer, ms) => {
    answers(answer)

    expect(await call()).toMatchObject({ kind: 'wait', until: t0 + ms })
    expect(await circuit()).toMatchObject({ state: 'open', until: t0 + ms })
  })
})

describe('a 429', () => {
  test.each([
    ['for as long as the vendor asks', busy(7000), 7000],
    ['for as long as configured where it does not say', busy(), 10_000],
  ])('lets its order wait %s, and uses up no attempt', async (_, answer, ms) => {
    answers(answer)

    expect(await call({ attempts: 4 })).toMatchObject({ kind: 'wait', until: t0 + ms, isFailure: false })
  })

  test('slows the pace, and neither opens the circuit nor counts as a failure, however many there are', async () => {
    answers(busy(), busy(), busy(), busy())

    for (let count = 0; count < 4; count++) await call()

    expect(parseCircuit(await circuit())).toMatchObject({
      state: 'closed',
      failures: 0,
      slowedTo: 18,
      slowedAt: t0,
    })
  })

  test('pauses all calls for as long as the vendor asks', async () => {
    answers(busy(7000))

    await call()

    expect(await circuit()).toMatchObject({ state: 'closed', pausedUntil: t0 + 7000 })
  })

  test('does not end failures in a row, nor is its order one that was served', async () => {
    answers(timeOut, busy(), unclear)

    await call()
    await call({ orderId: `ord_${'1'.repeat(32)}` })

    expect(await circuit()).toMatchObject({ failures: 1 })
    expect(await call({ firstFailureAt: at(-1000) })).toMatchObject({ kind: 'wait', reason: 'HTTP_403' })
  })
})

test('a turn counts its calls: a create that may have worked, and its look-up', async () => {
  answers({ made: 'unknown', blame: 'nobody', reason: 'CONFLICT' }, made)
  const turn = { calls: 0 }

  await createVendorCall(deps)(storedOrder(), undefined, turn)

  expect(turn.calls).toBe(2)
})

describe("an answer that may be the order's or the vendor's fault", () => {
  const order = { firstFailureAt: at(-1000) }

  test('waits while there is no other order to compare it with', async () => {
    answers(unclear)

    expect(await call()).toMatchObject({ kind: 'wait', reason: 'HTTP_403', isFailure: true })
  })

  test("is an attempt of the order's once the vendor has served another, and says nothing of the vendor", async () => {
    answers(made, unclear)
    await call({ orderId: `ord_${'1'.repeat(32)}` })

    expect(await call(order)).toMatchObject({ kind: 'retry', reason: 'HTTP_403' })
    expect(await circuit()).toBeUndefined()
  })

  test('is not compared with what the vendor served before, nor with the order itself', async () => {
    answers(made, made, unclear)
    await call({ orderId: `ord_${'1'.repeat(32)}` })
    world.clock.pass(5000)
    await call()

    expect(await call({ firstFailureAt: at(2000) })).toMatchObject({ kind: 'wait' })
  })
})

describe('a probe', () => {
  beforeEach(async () => {
    await deps.breaker.pause({ orderId: 'o', reason: 'TIME_OUT', now: t0, probe: undefined, forMs: 10_000 })
    world.clock.pass(10_000)
    await deps.breaker.admit('probe', world.clock.now())
  })

  test('closes the circuit by an answer', async () => {
    answers(made)

    await call({}, { probe: 'probe' })

    expect(await circuit()).toMatchObject({ state: 'closed' })
  })

  test('that fails waits, even on the last attempt of its order', async () => {
    answers(timeOut)

    expect(await call({ attempts: 4 }, { probe: 'probe' })).toMatchObject({
      kind: 'wait',
      until: t0 + 30_000,
    })
  })

  test('that is answered 429 closes the circuit, since the vendor is there', async () => {
    answers(busy())

    await call({}, { probe: 'probe' })

    expect(await circuit()).toMatchObject({ state: 'closed', slowedTo: 18 })
  })

  test.each<[string, Meaning, number]>([
    ['opens the circuit for twice as long where we are to blame again', ours, 30_000],
    [
      'opens it for as long as the vendor asks, and never doubles that',
      { ...timeOut, retryAfterMs: 7000 },
      17_000,
    ],
  ])('%s', async (_, answer, ms) => {
    answers(answer)

    await call({}, { probe: 'probe' })

    expect(await circuit()).toMatchObject({ state: 'open', until: t0 + ms })
  })

  test('returns its turn if the vendor need not be called', async () => {
    await call(asked(5), { traits: neither, probe: 'probe' })

    expect(await circuit()).not.toHaveProperty('probeId')
  })
})

describe('undoing a step', () => {
  const undone: Meaning = { made: 'yes', blame: 'nobody', reason: 'UNDONE', facts: {} }
  const notThere: Meaning = { made: 'no', blame: 'nobody', reason: 'NOT_THERE' }
  const tooLate: Meaning = { made: 'no', blame: 'order', reason: 'TOO_LATE' }
  const withoutVoid = { ...keys, canBeCancelled: false }
  /** An order whose AWB was made in round 1, the given number of ms ago. */
  const labelled = (agoMs: number, change: Partial<Order> = {}): Partial<Order> => ({
    status: 'CANCELLING',
    undo: 'logistics',
    cancellation: { from: 'AWB_GENERATED' },
    made: { logistics: { round: 1, at: at(-agoMs) } },
    ...change,
  })
  /** One whose AWB may have been made in round 0. */
  const doubtful = (agoMs: number): Partial<Order> => ({ ...labelled(0), made: {}, ...asked(agoMs) })

  test.each([
    ['made', labelled(9), 'cancel 01'],
    ['may have made', doubtful(9), 'cancel 00'],
  ])('asks the vendor to undo what it %s, under the reference that it knows', async (_, order, asks) => {
    answers(undone)

    expect(await call(order)).toEqual({ kind: 'undone', byVendor: true })
    expect(world.vendor.calls).toEqual([asks])
  })

  test('calls no vendor if nothing was made and nothing is in doubt', async () => {
    expect(await call(labelled(0, { made: {} }))).toEqual({ kind: 'undone', byVendor: false })
    expect(world.vendor.calls).toEqual([])
  })

  test.each([
    ['made', labelled],
    ['may be made', doubtful],
  ])('does not believe at once that nothing is there of what %s', async (_, order) => {
    answers(notThere, notThere)

    expect(await call(order(9000))).toMatchObject({
      kind: 'wait',
      reason: 'OUTCOME_UNKNOWN',
      until: t0 + 51_000,
    })
    expect(await call(order(60_000))).toEqual({ kind: 'undone', byVendor: false })
  })

  test('keeps the question if the vendor fails, whichever way it could be settled', async () => {
    answers({ made: 'unknown', blame: 'vendor', reason: 'HTTP_500' })

    const { unknownOutcome } = doubtful(9)
    expect(await call(doubtful(9), { traits: neither })).toMatchObject({
      kind: 'retry',
      question: unknownOutcome,
    })
  })

  test('returns the order to its previous status if it is too late', async () => {
    answers(tooLate)

    expect(await call(labelled(9))).toEqual({ kind: 'too-late' })
  })

  test('needs a person if it is too late and another vendor has undone its work', async () => {
    answers(tooLate)
    const cancellation = { from: 'READY_FOR_FULFILLMENT', undone: true } as const

    expect(await call(labelled(9, { cancellation }))).toMatchObject({
      kind: 'dead-letter',
      reason: 'TOO_LATE',
    })
  })

  test('needs a person if the vendor refuses it for another reason', async () => {
    answers({ made: 'no', blame: 'order', reason: vendorCode('NOT_YOURS') })

    expect(await call(labelled(9))).toMatchObject({ kind: 'dead-letter', reason: 'NOT_YOURS' })
  })

  describe('of a vendor that cannot', () => {
    test("is a person's, without a call", async () => {
      const probe = 'probe'
      expect(await call(labelled(9), { traits: withoutVoid, probe })).toMatchObject({
        kind: 'dead-letter',
        reason: 'NO_WAY_TO_CANCEL',
      })
      expect(world.vendor.calls).toEqual([])
    })

    test('is done if a look-up shows that there is nothing', async () => {
      answers(notThere)

      expect(await call(doubtful(60_000), { traits: withoutVoid })).toEqual({
        kind: 'undone',
        byVendor: false,
      })
      expect(world.vendor.calls).toEqual(['lookUp 00'])
    })

    test('needs a person, who gets the number, if a look-up shows what was made', async () => {
      answers(made)

      expect(await call(doubtful(9), { traits: withoutVoid })).toMatchObject({
        kind: 'dead-letter',
        reason: 'NO_WAY_TO_CANCEL',
        facts,
      })
    })

    test('and cannot be looked up, leaves a question to a person', async () => {
      const traits = { ...neither, canBeCancelled: false }
      const { unknownOutcome: question } = doubtful(9)

      expect(await call(doubtful(9), { traits })).toMatchObject({ kind: 'dead-letter', question })
    })
  })
})

test("a vendor's reference leads back to the order, and differs by item and round", () => {
  const references = [
    vendorReference(storedOrder(), 0),
    vendorReference(storedOrder(), 37),
    vendorReference(storedOrder({ nonce: '00001' }), 0),
  ]

  expect(references).toEqual([
    `${orderId.slice(4)}-k3x9q00`,
    `${orderId.slice(4)}-k3x9q11`,
    `${orderId.slice(4)}-0000100`,
  ])
})

test("a vendor's reference has at most 40 characters, up to the last round that an order can have", () => {
  expect(vendorReference(storedOrder(), 36 ** 2 - 1)).toHaveLength(40)
})
