import { describe, expect, test } from '@jest/globals'
import * as z from 'zod/mini'
import { createVendorClient } from '../../../lambdas/adapters/vendor-client.ts'
import type { Reply, VendorHttp } from '../../../lambdas/adapters/vendor-http.ts'
import { orderId, storedOrder } from '../../builders.ts'

/** A vendor that always answers the same, and remembers what it was asked. */
function client(reply: Reply) {
  const asked: unknown[][] = []
  const http: VendorHttp = {
    post: async (...call) => {
      asked.push(['post', ...call])
      return reply
    },
    get: async (...call) => {
      asked.push(['get', ...call])
      return reply
    },
  }
  const answer = z.object({ id: z.string() })
  return {
    asked,
    ...createVendorClient(http, {
      path: '/things',
      answer,
      requestFor: (order) => ({ ref: order.orderId }),
    }),
  }
}
const answered = (status: number, body?: unknown, retryAfterMs?: number): Reply => ({
  kind: 'answer',
  status,
  body,
  retryAfterMs,
})
const create = (reply: Reply) => client(reply).create(storedOrder(), 'key')
const lookUp = (reply: Reply) => client(reply).lookUp(storedOrder())

const done = { kind: 'done', answer: { id: '1' } }
const failed = (reason: string, certain = false) => ({ kind: 'failed', reason, certain })
const paused = (reason: string, about: object = {}) => ({
  kind: 'paused',
  reason,
  retryAfterMs: undefined,
  ourFault: false,
  certain: true,
  ...about,
})
const misconfigured = (status: number) => paused(`MISCONFIGURED:HTTP_${status}`, { ourFault: true })

test('a creation posts what the vendor wants under the key, a look-up gets it by our reference', async () => {
  const vendor = client(answered(200, { id: '1' }))

  await vendor.create(storedOrder(), 'key')
  await vendor.lookUp(storedOrder())

  expect(vendor.asked).toEqual([
    ['post', '/things', { ref: orderId }, 'key'],
    ['get', `/things/${orderId}`],
  ])
})

describe('of a creation', () => {
  test.each<[string, Reply, object]>([
    ['200 with the answer is done', answered(200, { id: '1', more: true }), done],
    ['201 with the answer is done', answered(201, { id: '1' }), done],
    ['200 without what we need may have done it', answered(200, { id: 1 }), failed('UNREADABLE_ANSWER')],
    ['204 may have done it', answered(204), failed('UNREADABLE_ANSWER')],
    ['202 is taken on', answered(202, {}, 5000), { kind: 'accepted', retryAfterMs: 5000 }],
    ['400 refuses for good', answered(400), { kind: 'refused', reason: 'HTTP_400' }],
    ['413 refuses for good', answered(413), { kind: 'refused', reason: 'HTTP_413' }],
    ['422 refuses for good', answered(422, { code: 'NOPE' }), { kind: 'refused', reason: 'NOPE' }],
    ['409 has it already', answered(409, { code: 'KEY_REUSED' }), { kind: 'conflict' }],
    ['429 asks for a pause', answered(429, {}, 7000), paused('RATE_LIMITED', { retryAfterMs: 7000 })],
    ['429 without a time asks too', answered(429), paused('RATE_LIMITED')],
    [
      '503 with a time asks for a pause and may have done it',
      answered(503, {}, 7000),
      {
        ...paused('VENDOR_UNAVAILABLE', { retryAfterMs: 7000, certain: false }),
      },
    ],
    ['503 without a time failed', answered(503), failed('HTTP_503')],
    ['401 is our credential', answered(401), paused('CREDENTIAL_REFUSED', { ourFault: true })],
    ['403 is our credential', answered(403), paused('CREDENTIAL_REFUSED', { ourFault: true })],
    ['404 is our URL', answered(404, { code: 'NOT_FOUND' }), misconfigured(404)],
    ['405 is our request', answered(405), misconfigured(405)],
    ['a redirect is our URL', answered(301), misconfigured(301)],
    ['408 may have done it', answered(408), failed('HTTP_408')],
    ['425 may have done it', answered(425), failed('HTTP_425')],
    ['500 may have done it', answered(500), failed('HTTP_500')],
    ['502 may have done it', answered(502), failed('HTTP_502')],
    ['599 may have done it', answered(599), failed('HTTP_599')],
    ['a time-out may have done it', { kind: 'no-answer', reason: 'TIME_OUT' }, failed('TIME_OUT')],
    ['no connection has certainly not', { kind: 'not-connected' }, failed('CONNECTION_FAILED', true)],
  ])('%s', async (_, reply, result) => {
    expect(await create(reply)).toEqual(result)
  })

  test.each([
    ['quotes the address', 'No such place: Luisenstr. 48'],
    ['is too long', 'X'.repeat(65)],
    ['is no text', 7],
    ['means something else with us', 'PAUSED_BY_OPERATOR'],
    ['looks like a status', 'HTTP_500'],
  ])('a refusal whose code %s goes on as its status', async (_, code) => {
    const refused = await create(answered(422, { code, message: 'Luisenstr. 48' }))

    expect(refused).toEqual({ kind: 'refused', reason: 'HTTP_422' })
  })
})

describe('of a look-up', () => {
  test.each<[string, Reply, object]>([
    ['200 has found it', answered(200, { id: '1' }), done],
    ['202 is at it', answered(202), { kind: 'accepted', retryAfterMs: undefined }],
    [
      '404 with NOT_FOUND says that it is not there',
      answered(404, { code: 'NOT_FOUND' }),
      {
        kind: 'not-there',
      },
    ],
    ["404 of a gateway is no vendor's word", answered(404, '<html>'), misconfigured(404)],
    ['422 refuses us, not the order', answered(422, { code: 'NOPE' }), misconfigured(422)],
    ['400 refuses us, not the order', answered(400), misconfigured(400)],
    ['429 asks for a pause', answered(429), paused('RATE_LIMITED')],
    ['500 failed', answered(500), failed('HTTP_500')],
  ])('%s', async (_, reply, result) => {
    expect(await lookUp(reply)).toEqual(result)
  })
})
