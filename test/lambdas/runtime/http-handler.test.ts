import { beforeEach, describe, expect, test } from '@jest/globals'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import * as z from 'zod/mini'
import { Rejection } from '../../../lambdas/application/rejection.ts'
import type { FieldError } from '../../../lambdas/domain/limits.ts'
import type { HttpRequest } from '../../../lambdas/runtime/caller.ts'
import {
  createHttpHandler,
  type HttpAnswer,
  orderIdIn,
  parseBody,
} from '../../../lambdas/runtime/http-handler.ts'
import { problems } from '../../../lambdas/runtime/problem.ts'
import { httpRequest, lambdaContext, orderId } from '../../builders.ts'
import { createTelemetryRecord } from '../doubles.ts'

let record: ReturnType<typeof createTelemetryRecord>
beforeEach(() => {
  record = createTelemetryRecord()
})

async function answer(
  endpoint: (request: HttpRequest) => Promise<HttpAnswer>,
  request = httpRequest(),
): Promise<APIGatewayProxyStructuredResultV2 & { json: unknown }> {
  const response = await createHttpHandler({ telemetry: record.telemetry, ownerClaim: 'sub' }, endpoint)(
    request,
    lambdaContext(),
  )
  return { ...response, json: JSON.parse(response.body ?? '') }
}

describe('an endpoint', () => {
  test('answers JSON, with its own headers', async () => {
    const answered = await answer(async () => ({ status: 201, body: { a: 1 }, headers: { location: '/a' } }))

    expect(answered).toMatchObject({
      statusCode: 201,
      headers: { 'content-type': 'application/json', location: '/a' },
      json: { a: 1 },
    })
  })

  test('that throws a problem answers it as problem details, with every wrong field', async () => {
    const errors = [{ path: 'items.0.sku', message: 'Required' }]

    const answered = await answer(() => Promise.reject(new Rejection('invalid', 'Not an order.', errors)))

    expect(answered).toMatchObject({
      statusCode: 400,
      headers: { 'content-type': 'application/problem+json' },
      json: {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: 'Not an order.',
        errors,
        instance: 'urn:request:request-1',
      },
    })
    expect(record.lines).toEqual([])
    expect(record.valuesOf('RequestsFailed')).toEqual([])
  })

  test('that fails tells the caller nothing but the request, and the operator everything', async () => {
    const error = new Error('Table orders-prod: access denied for Ada')

    const answered = await answer(() => Promise.reject(error))

    expect(answered.json).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'Something went wrong on our side; try again.',
      instance: 'urn:request:request-1',
    })
    expect(record.lines).toEqual([
      { level: 'error', message: 'Request failed', facts: { requestId: 'request-1', error } },
    ])
    expect(record.valuesOf('RequestsFailed')).toEqual([1])
    expect(record.dimensionsOf('RequestsFailed')).toEqual([{ version: '$LATEST' }])
  })

  test('that throws something other than an Error answers 500 as well', async () => {
    expect(await answer(() => Promise.reject('just text'))).toMatchObject({ statusCode: 500 })
  })
})

describe('the body', () => {
  const schema = z.strictObject({ name: z.string(), list: z.optional(z.array(z.int())) })
  const parse = (request: HttpRequest) => parseBody(request, schema)
  const thrownBy = (
    request: HttpRequest,
  ): { status: number; message: string; errors: FieldError[] | undefined } => {
    try {
      parse(request)
    } catch (error) {
      if (!(error instanceof Rejection)) throw error
      const { kind, message, errors } = error
      return { status: problems[kind].status, message, errors }
    }
    throw new Error('Nothing was thrown')
  }

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
    'is parsed as %s',
    (type) => {
      const request = httpRequest({ body: { name: 'Ä' }, headers: { 'content-type': type } })

      expect(parse(request)).toEqual({ name: 'Ä' })
    },
  )

  test('is parsed from base64', () => {
    const body = Buffer.from('{"name":"Ä"}').toString('base64')

    expect(parse({ ...httpRequest({ body }), isBase64Encoded: true })).toEqual({ name: 'Ä' })
  })

  test.each(['text/plain', 'application/jsonp', 'application/x-www-form-urlencoded', ''])(
    'of the type "%s" is a 415',
    (type) => {
      const request = httpRequest({ body: { name: 'a' }, headers: { 'content-type': type } })

      expect(thrownBy(request).status).toBe(415)
    },
  )

  test('without a type is a 415', () => {
    const { 'content-type': _, ...headers } = httpRequest().headers

    expect(thrownBy({ ...httpRequest({ body: {} }), headers }).status).toBe(415)
  })

  test('may have 128 KiB, counted in bytes, and not one more', () => {
    const bytes = (count: number) => `"${'ä'.repeat((count - 2) / 2)}"`

    expect(thrownBy(httpRequest({ body: bytes(128 * 1024) })).status).toBe(400)
    expect(thrownBy(httpRequest({ body: bytes(128 * 1024 + 2) })).status).toBe(413)
  })

  test.each(['{', '', 'null,'])('%j is malformed: a 400 that says so', (body) => {
    expect(thrownBy(httpRequest({ body }))).toMatchObject({
      status: 400,
      message: 'The body is not valid JSON.',
    })
  })

  test('that is missing is malformed too', () => {
    expect(thrownBy(httpRequest())).toMatchObject({ status: 400 })
  })

  test('that is wrong is a 400 with the path of every field, unknown ones each', () => {
    const { status, errors } = thrownBy(httpRequest({ body: { list: [1, 'x'], b: 1, a: 1 } }))

    expect(status).toBe(400)
    expect(errors?.map(({ path }) => path).sort()).toEqual(['a', 'b', 'list.1', 'name'])
    expect(errors).toContainEqual({ path: 'a', message: 'Unknown field' })
  })
})

describe('the order id in the path', () => {
  test('is an order id', () => {
    expect(orderIdIn(httpRequest({ path: { orderId } }))).toBe(orderId)
  })

  test.each(['', 'ord_1', orderId.toUpperCase(), `${orderId}0`, '../orders'])('"%s" is a 404', (id) => {
    expect(() => orderIdIn(httpRequest({ path: { orderId: id } }))).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    )
  })
})
