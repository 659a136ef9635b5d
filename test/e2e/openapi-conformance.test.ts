import { describe, expect, test } from '@jest/globals'
import { violations } from './openapi-conformance.ts'

const orderId = `ord_${'0a'.repeat(16)}`
const receipt = {
  orderId,
  status: 'CREATED',
  message: 'Order successfully created.',
  total: 1200,
  currency: 'EUR',
  createdAt: '2026-11-02T09:30:00.000Z',
}
const problem = {
  type: 'about:blank',
  title: 'Not Found',
  status: 404,
  detail: 'There is no order.',
  instance: 'urn:request:1',
}
const headers = { 'apigw-requestid': 'JKJaXmPLvHcESHA=', 'content-type': 'application/json' }
const problemHeaders = { ...headers, 'content-type': 'application/problem+json' }
const location = `/orders/${orderId}`

const violationsOf = (
  method: string,
  path: string,
  status: number,
  sent: Record<string, string>,
  body: unknown,
) => violations({ method, path, status, headers: new Headers(sent), body })

describe('a response conforms to openapi.json', () => {
  test.each([
    ['with a documented body', 'POST', '/orders', 201, { ...headers, location }, receipt],
    ['by query and path', 'GET', '/orders?limit=3', 200, headers, { orders: [] }],
    ['as problem details', 'GET', location, 404, problemHeaders, problem],
    ['as API Gateway words it', 'GET', '/orders', 401, headers, { message: 'Unauthorized' }],
    ['where there is no route', 'DELETE', '/orders', 404, headers, { message: 'Not Found' }],
  ])('%s', (_name, method, path, status, sent, body) => {
    expect(violationsOf(method, path, status, sent, body)).toEqual([])
  })
})

describe('a response does not conform to openapi.json', () => {
  const created = { ...headers, location }
  test.each([
    ['with another status', 'POST', '/orders', 418, headers, {}, 'The status 418 is not documented.'],
    ['with a field more', 'POST', '/orders', 201, created, { ...receipt, ownerId: 'a' }, /additional/],
    ['with a field less', 'POST', '/orders', 201, created, { ...receipt, total: undefined }, /required/],
    ['with another type', 'POST', '/orders', 201, created, { ...receipt, total: '12' }, /must be integer/],
    ['without a header', 'POST', '/orders', 201, headers, receipt, 'The header location is missing.'],
    [
      'with a wrong header',
      'POST',
      '/orders',
      201,
      { ...headers, location: '/' },
      receipt,
      /header location/,
    ],
    [
      'with another media type',
      ...(['GET', '/orders', 200, { ...headers, 'content-type': 'text/html' }, ''] as const),
      'The content-type text/html is not documented.',
    ],
    ['with a stack trace', 'GET', location, 404, problemHeaders, { ...problem, stack: 'at' }, /additional/],
    [
      'with a status in it that it has not',
      'GET',
      location,
      404,
      problemHeaders,
      { ...problem, status: 400 },
      /404/,
    ],
    ['with words that API Gateway never uses', 'GET', '/orders', 401, headers, { message: 'No' }, /constant/],
    ['from a route that nobody knows', 'GET', '/admin', 200, headers, {}, /not documented/],
  ])('%s', (_name, method, path, status, sent, body, sentence) => {
    expect(violationsOf(method, path, status, sent, body)).toEqual([expect.stringMatching(sentence)])
  })
})
