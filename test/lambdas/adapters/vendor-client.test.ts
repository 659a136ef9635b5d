import { describe, expect, test } from '@jest/globals'
import * as z from 'zod/mini'
import {
  createSafeClient,
  type VendorClient,
  type VendorCodes,
} from '../../../lambdas/adapters/vendor-client.ts'
import type { Reply, VendorHttp } from '../../../lambdas/adapters/vendor-http.ts'
import { createVendorClient } from '../../../vendors/contract/client.ts'
import { storedOrder } from '../../builders.ts'
import { savesNothing } from '../doubles.ts'

const job = { order: storedOrder(), reference: 'our-reference', save: savesNothing }
const codes: VendorCodes = {
  DUPLICATE: 'exists',
  ADDRESS_LOCKED: 'try-again',
  OVERLOADED: 'slow-down',
  NO_SUCH_STREET: 'refused',
}

/** A vendor that always gives the same answer, and records its requests. */
function client(reply: Reply) {
  const asked: unknown[][] = []
  const http: VendorHttp = async (...call) => {
    asked.push(call)
    return reply
  }
  return {
    asked,
    ...createVendorClient(http, {
      path: '/things',
      facts: z.object({ awb: z.string() }),
      requestVersion: 3,
      requestFor: ({ reference }) => ({ reference }),
      codes,
    }),
  }
}
const answered = (status: number, body?: unknown, retryAfterMs?: number): Reply => ({
  kind: 'answer',
  status,
  body,
  retryAfterMs,
})
const create = (reply: Reply) => client(reply).create(job)
const lookUp = (reply: Reply) => client(reply).lookUp(job)

const made = { made: 'yes', blame: 'nobody', reason: 'MADE', facts: { awb: '1' } }
const failed = (reason: string) => ({ made: 'unknown', blame: 'vendor', reason })
const unclear = (reason: string, wasMade = 'no') => ({ made: wasMade, blame: 'unclear', reason })
const refused = (reason: string) => ({ made: 'no', blame: 'order', reason })
const conflict = { made: 'unknown', blame: 'nobody', reason: 'CONFLICT' }

test('a creation posts what the vendor wants under our reference, a look-up gets it and a cancellation deletes it by the same', async () => {
  const vendor = client(answered(200, { awb: '1' }))

  await vendor.create(job)
  await vendor.lookUp(job)
  await vendor.cancel(job)

  expect(vendor.asked).toEqual([
    ['POST', '/things', { reference: 'our-reference' }, 'our-reference'],
    ['GET', '/things/our-reference'],
    ['DELETE', '/things/our-reference'],
  ])
})

describe('of a cancellation', () => {
  const undone = { made: 'yes', blame: 'nobody', reason: 'UNDONE', facts: {} }

  test.each<[string, Reply, object]>([
    ['200', answered(200, { status: 'voided' }), undone],
    ['204', answered(204), undone],
    ['200 with an error inside', answered(200, { error: { code: 'NOPE' } }), unclear('NOPE', 'unknown')],
    ['202', answered(202), { made: 'accepted', blame: 'nobody', reason: 'NOT_READY_YET' }],
    [
      '404 of the API',
      answered(404, { code: 'NOT_FOUND' }),
      { made: 'no', blame: 'nobody', reason: 'NOT_THERE' },
    ],
    ['404 of a gateway', answered(404), unclear('HTTP_404')],
    ['409 too late', answered(409, { code: 'TOO_LATE' }), refused('TOO_LATE')],
    ['another 409', answered(409), conflict],
    ['405', answered(405), refused('NO_WAY_TO_CANCEL')],
    ['501', answered(501), refused('NO_WAY_TO_CANCEL')],
    ['422', answered(422, { code: 'NOPE' }), refused('NOPE')],
    ['500', answered(500), failed('HTTP_500')],
  ])('%s', async (_, reply, meaning) => {
    expect(await client(reply).cancel(job)).toEqual(meaning)
  })
})

describe('of a creation', () => {
  test.each<[string, Reply, object]>([
    ['200 with the answer', answered(200, { awb: '1', more: true }), made],
    ['201 with the answer and our reference', answered(201, { awb: '1', reference: 'our-reference' }), made],
    [
      '200 of another order',
      answered(200, { awb: '1', reference: 'x' }),
      unclear('FOREIGN_REFERENCE', 'unknown'),
    ],
    [
      '200 with a thing that is cancelled',
      answered(200, { awb: '1', status: 'Cancelled' }),
      { ...made, blame: 'order', reason: 'CANCELLED_BY_VENDOR' },
    ],
    ['200 without what we need', answered(200, { awb: 1 }), unclear('UNREADABLE_ANSWER', 'unknown')],
    ['200 with HTML', answered(200, undefined), unclear('UNREADABLE_ANSWER', 'unknown')],
    ['200 with an error inside', answered(200, { error: { code: 'NOPE' } }), unclear('NOPE', 'unknown')],
    [
      '200 with an error inside that we know',
      answered(200, { error: { code: 'NO_SUCH_STREET' } }),
      refused('NO_SUCH_STREET'),
    ],
    ['204', answered(204), unclear('UNREADABLE_ANSWER', 'unknown')],
    [
      '202',
      answered(202, {}, 5000),
      { made: 'accepted', blame: 'nobody', reason: 'NOT_READY_YET', retryAfterMs: 5000 },
    ],
    ['400', answered(400), refused('HTTP_400')],
    [
      '400 for too many calls',
      answered(400, { code: 'OVERLOADED' }, 7000),
      { made: 'no', blame: 'nobody', reason: 'RATE_LIMITED', retryAfterMs: 7000 },
    ],
    [
      '423 for now',
      answered(423, { code: 'ADDRESS_LOCKED' }),
      { made: 'no', blame: 'nobody', reason: 'ADDRESS_LOCKED' },
    ],
    ['413', answered(413), refused('HTTP_413')],
    ['422', answered(422, { code: 'NOPE' }), refused('NOPE')],
    ['422 for a duplicate', answered(422, { code: 'DUPLICATE' }), { ...conflict, reason: 'DUPLICATE' }],
    ['409', answered(409, { code: 'IN_PROGRESS' }), conflict],
    [
      '429',
      answered(429, {}, 7000),
      { made: 'no', blame: 'nobody', reason: 'RATE_LIMITED', retryAfterMs: 7000 },
    ],
    ['503 with a time', answered(503, {}, 7000), { ...failed('VENDOR_UNAVAILABLE'), retryAfterMs: 7000 }],
    ['503 without a time', answered(503), failed('HTTP_503')],
    ['401', answered(401), { made: 'no', blame: 'us', reason: 'CREDENTIAL_REFUSED' }],
    ['402', answered(402), { made: 'no', blame: 'us', reason: 'BALANCE_EMPTY' }],
    ['403 of a firewall', answered(403), unclear('HTTP_403')],
    ['404', answered(404, { code: 'NOT_FOUND' }), unclear('NOT_FOUND')],
    ['405', answered(405), unclear('HTTP_405')],
    ['a redirect', answered(301), unclear('HTTP_301')],
    ['408', answered(408), failed('HTTP_408')],
    ['425', answered(425), failed('HTTP_425')],
    ['500', answered(500), failed('HTTP_500')],
    ['502', answered(502), failed('HTTP_502')],
    ['599', answered(599), failed('HTTP_599')],
    ['a time-out', { kind: 'no-answer', reason: 'TIME_OUT' }, failed('TIME_OUT')],
    [
      'no connection',
      { kind: 'not-connected' },
      { made: 'no', blame: 'unreached', reason: 'CONNECTION_FAILED' },
    ],
  ])('%s says what was made and who is to blame', async (_, reply, meaning) => {
    expect(await create(reply)).toEqual(expect.objectContaining(meaning))
  })

  test.each([
    ['quotes the address', 'No such place: Luisenstr. 48'],
    ['is too long', 'X'.repeat(65)],
    ['is no text', 7],
    ['means something else with us', 'PAUSED_BY_OPERATOR'],
    ['looks like a status', 'HTTP_500'],
  ])('a refusal whose code %s goes on as its status', async (_, code) => {
    const meaning = await create(answered(422, { code, message: 'Luisenstr. 48' }))

    expect(meaning).toMatchObject({ reason: 'HTTP_422' })
  })
})

describe('of a look-up', () => {
  test.each<[string, Reply, object]>([
    ['200', answered(200, { awb: '1' }), made],
    ['202', answered(202), { made: 'accepted', blame: 'nobody', reason: 'NOT_READY_YET' }],
    [
      '404 with NOT_FOUND',
      answered(404, { code: 'NOT_FOUND' }),
      { made: 'no', blame: 'nobody', reason: 'NOT_THERE' },
    ],
    ['404 of a gateway', answered(404, '<html>'), unclear('HTTP_404')],
    ['422', answered(422, { code: 'NOPE' }), unclear('NOPE')],
    ['400', answered(400), unclear('HTTP_400')],
    ['429', answered(429), { made: 'no', blame: 'nobody', reason: 'RATE_LIMITED' }],
    ['500', answered(500), failed('HTTP_500')],
  ])('%s says what is there and who is to blame', async (_, reply, meaning) => {
    expect(await lookUp(reply)).toEqual(expect.objectContaining(meaning))
  })
})

describe('an adapter that throws', () => {
  /** A client whose every call asks the vendor as often as there are replies, and throws then. */
  const careless = (...replies: (Reply | Error)[]): VendorClient =>
    createSafeClient(
      async () => {
        const reply = replies.shift() ?? new Error('Nothing more is answered')
        if (reply instanceof Error) throw reply
        return reply
      },
      (http) => {
        const ask = async () => {
          while (replies.length > 0) await http('POST', '/things')
          throw new TypeError('Cannot read Luisenstr. 48')
        }
        return { requestVersion: 1, calls: 1, create: ask, lookUp: ask, cancel: ask }
      },
    )
  const calls = ['create', 'lookUp', 'cancel'] as const

  test.each(calls)('after the request of a %s has left may have had it done', async (call) => {
    const meaning = await careless(answered(200, { awb: '1' }))[call](job)

    expect(meaning).toEqual(unclear('OUR_ERROR:TypeError', 'unknown'))
  })

  test.each(calls)('before the request of a %s has left has asked nothing', async (call) => {
    await expect(careless()[call](job)).rejects.toThrow(TypeError)
  })

  test('whose connection was never made has asked nothing', async () => {
    await expect(careless({ kind: 'not-connected' }).create(job)).rejects.toThrow(TypeError)
  })

  test('what its credential throws before its second call may have had it done by the first', async () => {
    const meaning = await careless(answered(200), new Error('No secret')).create(job)

    expect(meaning).toEqual(unclear('OUR_ERROR:Error', 'unknown'))
  })

  test('for one order has not asked for the next one', async () => {
    const client = careless(answered(200))
    await client.create(job)

    await expect(client.create(job)).rejects.toThrow(TypeError)
  })
})
