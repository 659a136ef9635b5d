import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { Activity } from '../activity.ts'
import { type HttpRequest, type HttpResponse, json } from '../http.ts'
import type { Iam } from '../iam.ts'
import { account, arnOf, nameOf, resource } from './aws-service.ts'
import { createJwtAuthorizer } from './jwt-authorizer.ts'
import { type Lambda, newTrace } from './lambda.ts'

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const integrationTimeoutMs = 30_000

const integration = {
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
}
const authorizer = {
  ApiId: z.string(),
  AuthorizerType: z.literal('JWT'),
  IdentitySource: z.tuple([z.literal('$request.header.Authorization')]),
  JwtConfiguration: z.strictObject({ Issuer: z.string(), Audience: z.array(z.string()) }),
}
const route = {
  ApiId: z.string(),
  RouteKey: z.string().regex(/^[A-Z]+ [^+]+$/, 'only METHOD /path is emulated'),
  Target: z.string(),
  AuthorizationType: z.enum(['JWT', 'NONE']).default('NONE'),
  AuthorizerId: z.string().default(''),
  AuthorizationScopes: z.array(z.string()).default([]),
}
const throttle = { ThrottlingBurstLimit: z.number(), ThrottlingRateLimit: z.number() }
const stage = {
  ApiId: z.string(),
  StageName: z.literal('$default'),
  AutoDeploy: z.literal(true),
  DefaultRouteSettings: z.object(throttle).optional(),
}

interface Route extends z.output<z.ZodObject<typeof route>> {
  method: string
  pattern: URLPattern
}

/** A token bucket: `perSecond` in the long run, `burst` at once. */
const createBucket = (perSecond = Infinity, burst = Infinity) => {
  let [tokens, filledAt] = [burst, performance.now()]
  return () => {
    const now = performance.now()
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond)
    filledAt = now
    const taken = tokens >= 1
    if (taken) tokens -= 1
    return taken
  }
}

const textTypes = /^text\/|^application\/(json|javascript|xml)|\+(json|xml)/

/** The event of payload format 2.0: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const eventOf = (
  { method, url, headers, body = Buffer.alloc(0) }: HttpRequest,
  { ApiId: apiId, RouteKey: routeKey, pattern }: Route,
  { requestId, jwt }: { requestId: string; jwt: object | undefined },
) => {
  const isText = textTypes.test(headers['content-type'] ?? '')
  const query = [...new Set(url.searchParams.keys())].map((name) => [
    name,
    url.searchParams.getAll(name).join(),
  ])
  const groups = Object.entries(pattern.exec({ pathname: url.pathname })?.pathname.groups ?? {})
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    ...(query.length && { queryStringParameters: Object.fromEntries(query) }),
    requestContext: {
      accountId: account,
      apiId,
      ...(jwt && { authorizer: { jwt } }),
      domainName: headers.host,
      domainPrefix: apiId,
      http: {
        method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey,
      stage: '$default',
      timeEpoch: Date.now(),
    },
    ...(groups.length && {
      pathParameters: Object.fromEntries(
        groups.map(([name, value]) => [name, decodeURIComponent(value ?? '')]),
      ),
    }),
    ...(body.length && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

const proxyResponse = z.object({
  statusCode: z.coerce.number(),
  headers: z.record(z.string(), z.coerce.string()).default({}),
  cookies: z.array(z.string()).optional(),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
})

/** The answer a function's result stands for: without a status code, the result is the body. */
const responseOf = (payload: unknown): HttpResponse | undefined => {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return json(200, payload)
  const { data } = proxyResponse.safeParse(payload)
  if (!data) return undefined
  const body = Buffer.from(data.body, data.isBase64Encoded ? 'base64' : 'utf8')
  const headers = Object.entries(data.headers).map(([name, value]) => [name.toLowerCase(), value])
  const own = { 'content-type': 'text/plain;charset=UTF-8', 'content-length': String(body.length) }
  const cookies = data.cookies && { 'set-cookie': data.cookies }
  return { status: data.statusCode, headers: { ...own, ...Object.fromEntries(headers), ...cookies }, body }
}

/** An HTTP API with Lambda integrations and a JWT authorizer. Its own answers are worded as AWS words them. */
export const createApiGateway = (deps: {
  lambda: Lambda
  activity: Activity
  iam: Pick<Iam, 'mayInvoke'>
}) => {
  const { lambda, activity, iam } = deps
  const integrations = new Map<string, string>()
  const authorizers = new Map<string, ReturnType<typeof createJwtAuthorizer>>()
  const routes: Route[] = []
  let takeToken = createBucket()

  const answer = async (request: HttpRequest, requestId: string): Promise<HttpResponse> => {
    const { method, url, headers, body } = request
    if (!takeToken()) return json(429, { message: 'Too Many Requests' })
    const found = routes.find(
      (each) => each.method === method && each.pattern.test({ pathname: url.pathname }),
    )
    if (!found) return json(404, { message: 'Not Found' })

    const authorize = authorizers.get(nameOf(found.AuthorizerId))
    const jwt = await authorize?.(headers.authorization, found.AuthorizationScopes)
    if ((found.AuthorizationType === 'JWT') !== Boolean(jwt))
      throw new Error(`${found.RouteKey} has no authorizer`)
    if (jwt && 'status' in jwt)
      return jwt.status === 401
        ? json(401, { message: 'Unauthorized' }, { 'www-authenticate': 'Bearer' })
        : json(403, { message: 'Forbidden' })
    if (!body) return json(413, { message: 'Request Entity Too Large' })

    const target = lambda.get(integrations.get(nameOf(found.Target)) ?? '')
    const sourceArn = arnOf('execute-api', `${found.ApiId}/$default/${found.RouteKey.replace(' ', '')}`)
    if (!iam.mayInvoke(target.arn, sourceArn))
      throw new Error(`${target.file} does not let ${sourceArn} invoke it`)
    const trace = newTrace()
    const traced = { ...request, headers: { ...headers, 'x-amzn-trace-id': trace.replace(/;.*/, '') } }
    const { promise: late, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, integrationTimeoutMs, undefined)
    const result = await Promise.race([
      target.invoke(eventOf(traced, found, { requestId, jwt }), trace),
      late,
    ])
    clearTimeout(timer)
    if (!result) return json(503, { message: 'Service Unavailable' })
    return (!result.failed && responseOf(result.payload)) || json(500, { message: 'Internal Server Error' })
  }

  return {
    handle: async (request: HttpRequest): Promise<HttpResponse> => {
      const startedAt = performance.now()
      const requestId = randomBytes(12).toString('base64url')
      const { method, url } = request
      const response = await answer(request, requestId).catch((error): HttpResponse => {
        console.error(`local: API Gateway: ${error}`)
        return json(500, { message: 'Internal Server Error' })
      })
      const durationMs = performance.now() - startedAt
      const { status } = response
      activity.emit('happening', { type: 'api-request', method, path: url.pathname, status, durationMs })
      return { ...response, headers: { ...response.headers, 'apigw-requestid': requestId } }
    },
    resources: {
      'AWS::ApiGatewayV2::Api': resource(
        { Name: z.string(), ProtocolType: z.literal('HTTP') },
        '',
        (_properties, { logicalId }) => ({ ref: logicalId.toLowerCase() }),
      ),
      'AWS::ApiGatewayV2::Integration': resource(integration, '', ({ IntegrationUri }, { logicalId }) => {
        integrations.set(logicalId, IntegrationUri)
        return { ref: logicalId }
      }),
      'AWS::ApiGatewayV2::Authorizer': resource(authorizer, 'Name', ({ JwtConfiguration }, { logicalId }) => {
        const { Issuer: issuer, Audience: audience } = JwtConfiguration
        authorizers.set(logicalId, createJwtAuthorizer({ issuer, audience }))
        return { ref: logicalId }
      }),
      'AWS::ApiGatewayV2::Route': resource(route, '', (properties, { logicalId }) => {
        const [method = '', path = ''] = properties.RouteKey.split(' ')
        const pattern = new URLPattern({ pathname: path.replace(/\{(\w+)\}/g, ':$1') })
        routes.push({ ...properties, method, pattern })
        // A path without parameters goes before one that has them.
        routes.sort((a, b) => a.RouteKey.split('{').length - b.RouteKey.split('{').length)
        return { ref: logicalId }
      }),
      'AWS::ApiGatewayV2::Stage': resource(stage, 'AccessLogSettings', ({ DefaultRouteSettings: limits }) => {
        takeToken = createBucket(limits?.ThrottlingRateLimit, limits?.ThrottlingBurstLimit)
        return { ref: '$default' }
      }),
    },
  }
}
