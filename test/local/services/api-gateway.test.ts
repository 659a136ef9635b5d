import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createActivity } from '../../../local/activity.ts'
import { type App, createApp } from '../../../local/http.ts'
import { listen } from '../../../local/server.ts'
import { createApiGateway } from '../../../local/services/api-gateway.ts'
import type { Lambda } from '../../../local/services/lambda.ts'
import type { Invoked } from '../../../local/services/lambda-instances.ts'
import { bringUp } from '../emulated.ts'

const { publicKey, privateKey } = await generateKeyPair('RS256')
const stranger = await generateKeyPair('RS256')
const audience = 'create-order'
const now = () => Math.floor(Date.now() / 1000)

describe('an HTTP API', () => {
  let app: App
  let server: Awaited<ReturnType<typeof listen>>
  let url: string
  let issuer: string
  let resources: ReturnType<typeof createApiGateway>['resources']
  let events: Record<string, unknown>[]
  let answer: () => Promise<Invoked>
  let mayInvoke: jest.Mock<(functionArn: string, sourceArn: string) => boolean>

  beforeEach(async () => {
    app = createApp()
    server = await listen(0)
    url = `http://127.0.0.1:${server.port}`
    issuer = `${url}/issuer`
    const jwks_uri = `${issuer}/keys`
    app.get('/issuer/.well-known/openid-configuration', () => ({ issuer, jwks_uri }))
    app.get('/issuer/keys', async () => ({
      keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256', kid: 'k' }],
    }))
    events = []
    answer = async () => ({ failed: false, payload: { statusCode: 200, body: 'ok' } })
    const lambda = {
      get: (arn: string) => ({
        arn,
        path: 'Stack/fn',
        invoke: (event: Record<string, unknown>) => {
          events.push(event)
          return answer()
        },
      }),
    } as unknown as Lambda
    mayInvoke = jest.fn(() => true)
    const gateway = createApiGateway({ app, lambda, activity: createActivity(), iam: { mayInvoke } })
    resources = gateway.resources
    await bringUp(resources, 'AWS::ApiGatewayV2::Authorizer', 'auth', {
      ApiId: 'api',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: issuer, Audience: [audience] },
    })
    await bringUp(resources, 'AWS::ApiGatewayV2::Integration', 'fn', {
      ApiId: 'api',
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: 'arn:f',
      PayloadFormatVersion: '2.0',
    })
    await route('POST /orders', { ...protectedBy('orders/write') })
    await route('GET /orders/{orderId}', { ...protectedBy('orders/read', 'orders/read:all') })
    await route('GET /orders/recent')
    await route('POST /public')
    await server.open(app)
  })
  afterEach(() => {
    server.close()
    jest.restoreAllMocks()
  })

  const protectedBy = (...AuthorizationScopes: string[]) => ({
    AuthorizationType: 'JWT',
    AuthorizerId: 'auth',
    AuthorizationScopes,
  })
  const route = (RouteKey: string, more: object = {}) =>
    bringUp(resources, 'AWS::ApiGatewayV2::Route', RouteKey, {
      ApiId: 'api',
      RouteKey,
      Target: 'integrations/fn',
      ...more,
    })
  const token = (claims: object = {}, key = privateKey) =>
    new SignJWT({
      iss: issuer,
      aud: audience,
      sub: 'shop-1',
      scope: 'orders/write orders/read',
      exp: now() + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .sign(key)
  const call = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { ...init, method })
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  const withToken = async (claims: object = {}, key = privateKey) =>
    call('POST', '/orders', { headers: { authorization: `Bearer ${await token(claims, key)}` }, body: '{}' })

  test('passes the request on in payload format 2.0', async () => {
    const headers = {
      authorization: `Bearer ${await token()}`,
      'Content-Type': 'application/json',
      'X-Shop': 'a',
    }
    await call('POST', '/orders?a=1&a=2&b=%20', { headers, body: '{"x":1}' })
    expect(events[0]).toMatchObject({
      version: '2.0',
      routeKey: 'POST /orders',
      rawPath: '/orders',
      rawQueryString: 'a=1&a=2&b=%20',
      queryStringParameters: { a: '1,2', b: ' ' },
      headers: {
        'content-type': 'application/json',
        'x-shop': 'a',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      },
      body: '{"x":1}',
      isBase64Encoded: false,
      requestContext: {
        accountId: '000000000000',
        apiId: 'api',
        stage: '$default',
        requestId: expect.any(String),
        timeEpoch: expect.any(Number),
        http: { method: 'POST', path: '/orders', sourceIp: '127.0.0.1' },
        authorizer: {
          jwt: {
            claims: { sub: 'shop-1', scope: 'orders/write orders/read', exp: expect.stringMatching(/^\d+$/) },
            scopes: ['orders/write', 'orders/read'],
          },
        },
      },
    })
    expect(events[0]).not.toHaveProperty('pathParameters')
  })

  test('decodes path parameters, and prefers a path without any', async () => {
    const headers = { authorization: `Bearer ${await token()}` }
    await call('GET', '/orders/a%20b', { headers })
    await call('GET', '/orders/recent')
    expect(events[0]).toMatchObject({ routeKey: 'GET /orders/{orderId}', pathParameters: { orderId: 'a b' } })
    expect(events[1]).toMatchObject({ routeKey: 'GET /orders/recent' })
    expect(events[1]?.requestContext).not.toHaveProperty('authorizer')
  })

  test('encodes a body that is not text', async () => {
    await call('POST', '/public', { headers: { 'content-type': 'image/png' }, body: 'png' })
    expect(events[0]).toMatchObject({ body: 'cG5n', isBase64Encoded: true })
  })

  test("answers with the function's status, headers and body", async () => {
    const payload = {
      statusCode: 201,
      headers: { Location: '/orders/1' },
      body: 'b2s=',
    }
    answer = async () => ({ failed: false, payload: { ...payload, isBase64Encoded: true } })
    const { status, text, headers } = await call('POST', '/public')
    expect({ status, text }).toEqual({ status: 201, text: 'ok' })
    expect(headers.get('location')).toBe('/orders/1')
    expect(headers.get('content-type')).toBe('text/plain;charset=UTF-8')
    expect(headers.get('apigw-requestid')).toBeTruthy()
  })

  test('uses a result without a status code as the body', async () => {
    answer = async () => ({ failed: false, payload: { hello: 'you' } })
    expect(await call('POST', '/public')).toMatchObject({ status: 200, text: '{"hello":"you"}' })
  })

  test.each<[string, Invoked]>([
    ['fails', { failed: true, payload: { errorMessage: 'x' } }],
    ['answers nonsense', { failed: false, payload: { statusCode: 200, body: { no: 'text' } } }],
  ])('is a 500 when the function %s', async (_what, invoked) => {
    answer = async () => invoked
    const { status, text, headers } = await call('POST', '/public')
    expect({ status, text }).toEqual({ status: 500, text: '{"message":"Internal Server Error"}' })
    expect(headers.get('content-type')).toBe('application/json')
  })

  test('answers 500 if no permission allows it to invoke the function', async () => {
    jest.spyOn(console, 'error').mockImplementation(() => {})
    mayInvoke.mockReturnValue(false)
    const printed = jest.spyOn(console, 'error').mockImplementation(() => {})
    expect((await withToken()).status).toBe(500)
    expect(printed.mock.calls).toEqual([
      ['local: No permission allows POST /orders to invoke it (constructs: Stack/POST /orders, Stack/fn)'],
    ])
    const source = 'arn:aws:execute-api:us-east-1:000000000000:api/$default/POST/orders'
    expect(mayInvoke).toHaveBeenCalledWith('arn:f', source)
  })

  test.each([
    ['GET', '/nothing', 404, 'Not Found'],
    ['PUT', '/orders', 404, 'Not Found'],
    ['POST', '/orders', 401, 'Unauthorized'],
    ['GET', '/orders/%E0%A4%A', 400, 'Bad Request'],
  ])('%s %s is a %d in the words of AWS', async (method, path, status, message) => {
    const response = await call(method, path)
    expect(response).toMatchObject({ status, text: JSON.stringify({ message }) })
    expect(response.headers.get('apigw-requestid')).toBeTruthy()
    expect(events).toEqual([])
  })

  test('refuses a body of more than 10 MB', async () => {
    const response = await call('POST', '/public', { body: 'x'.repeat(10 * 1024 * 1024 + 1) })
    expect(response).toMatchObject({ status: 413, text: '{"message":"Request Entity Too Large"}' })
  })

  test("enforces its stage's throttling limits", async () => {
    const DefaultRouteSettings = { ThrottlingRateLimit: 0.001, ThrottlingBurstLimit: 2 }
    const stage = { ApiId: 'api', StageName: '$default', AutoDeploy: true, DefaultRouteSettings }
    await bringUp(resources, 'AWS::ApiGatewayV2::Stage', 'stage', stage)
    const statuses = []
    for (let i = 0; i < 3; i += 1) statuses.push((await call('POST', '/public')).status)
    expect(statuses).toEqual([200, 200, 429])
  })

  describe('lets in with a token', () => {
    test.each<[string, () => object, number]>([
      ['of its issuer', () => ({}), 200],
      ['for several audiences', () => ({ aud: ['other', audience] }), 200],
      [
        'that names its client instead of an audience, as Cognito does',
        () => ({ aud: undefined, client_id: audience }),
        200,
      ],
      ['whose scopes are a list', () => ({ scope: undefined, scp: ['orders/write'] }), 200],
      ['without the scope', () => ({ scope: 'orders/read' }), 403],
      ['without any scope', () => ({ scope: undefined }), 403],
      ['of another issuer', () => ({ iss: 'http://other' }), 401],
      ['for another audience', () => ({ aud: 'other' }), 401],
      ['for nobody', () => ({ aud: undefined }), 401],
      ['that has expired', () => ({ exp: now() - 1 }), 401],
      ['that never expires', () => ({ exp: undefined }), 401],
      ['that is not valid yet', () => ({ nbf: now() + 60 }), 401],
    ])('%s', async (_what, claims, status) => {
      expect((await withToken(claims())).status).toBe(status)
    })

    test('signed by a stranger: no', async () => {
      expect((await withToken({}, stranger.privateKey)).status).toBe(401)
    })

    test('that is none: no', async () => {
      const response = await call('POST', '/orders', { headers: { authorization: 'Bearer x.y.z' } })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
    })

    test('when the issuer is down: no, and it says why', async () => {
      const error = jest.spyOn(console, 'error').mockImplementation(() => {})
      await bringUp(resources, 'AWS::ApiGatewayV2::Authorizer', 'auth', {
        ApiId: 'api',
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Issuer: `${url}/nowhere`, Audience: [audience] },
      })
      expect((await withToken()).status).toBe(401)
      expect(error).toHaveBeenCalledWith(expect.stringContaining('/nowhere'))
    })
  })
})
