import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { Report } from '../activity.ts'
import { type HttpHandler, type HttpRequest, type HttpResponse, json } from '../http.ts'
import type { Iam } from '../iam.ts'
import { account, arnOf, type Deploy, resource } from './aws-service.ts'
import { createJwtAuthorizer } from './jwt-authorizer.ts'
import type { Lambda } from './lambda.ts'

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const maxIntegrationTimeoutMs = 30_000

const noEffect = z.unknown().optional()
const integration = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
  TimeoutInMillis: z.int().default(maxIntegrationTimeoutMs),
  IntegrationMethod: noEffect,
  Description: noEffect,
})
const authorizer = z.strictObject({
  ApiId: z.string(),
  Name: noEffect,
  AuthorizerType: z.literal('JWT'),
  IdentitySource: z.tuple([z.literal('$request.header.Authorization')]),
  JwtConfiguration: z.strictObject({ Issuer: z.string(), Audience: z.array(z.string()) }),
})
const route = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z.string().transform((target) => target.replace('integrations/', '')),
  AuthorizationType: z.enum(['JWT', 'NONE']).default('NONE'),
  AuthorizerId: z.string().optional(),
  AuthorizationScopes: z.array(z.string()).default([]),
})
const throttle = z.strictObject({
  ThrottlingBurstLimit: z.number().optional(),
  ThrottlingRateLimit: z.number().optional(),
  DetailedMetricsEnabled: noEffect,
})
const stage = z.strictObject({
  ApiId: z.string(),
  StageName: z.literal('$default'),
  AutoDeploy: z.literal(true),
  DefaultRouteSettings: throttle.optional(),
  AccessLogSettings: noEffect,
  Description: noEffect,
  Tags: noEffect,
})

type Route = z.output<typeof route>

/** A token bucket: `rate` a second, up to `burst` at once. */
const createBucket = (rate = Infinity, burst = Infinity) => {
  let tokens = burst
  let filledAt = performance.now()
  return () => {
    const now = performance.now()
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * rate)
    filledAt = now
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}

/** Bodies of other types reach the function in Base64. */
const isText = (contentType = '') =>
  /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded))|\+(json|xml)/.test(contentType)

const matchPath = (template: string, path: string): Record<string, string> | undefined => {
  const names: string[] = []
  const pattern = template.replace(/\{(\w+)(\+?)\}/g, (_match, name: string, greedy: string) => {
    names.push(name)
    return greedy ? '(.+)' : '([^/]+)'
  })
  const values = new RegExp(`^${pattern}/?$`).exec(path)?.slice(1)
  return values && Object.fromEntries(values.map((value, i) => [names[i], decodeURIComponent(value)]))
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const clfTime = (now: Date) =>
  now
    .toISOString()
    .replace(
      /^(\d+)-(\d+)-(\d+)T([\d:]+).*$/,
      (_m, y, m, d, t) => `${d}/${months[Number(m) - 1]}/${y}:${t} +0000`,
    )

const proxyResponse = z.object({
  statusCode: z.coerce.number(),
  headers: z.record(z.string(), z.coerce.string()).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
})

/** Without a statusCode what the function returned is the body. */
const responseOf = (payload: unknown): HttpResponse | undefined => {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return json(200, payload)
  const { data } = proxyResponse.safeParse(payload)
  if (!data) return undefined
  const headers = Object.entries(data.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  return {
    status: data.statusCode,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(headers),
      ...(data.cookies && { 'set-cookie': data.cookies }),
    },
    body: Buffer.from(data.body ?? '', data.isBase64Encoded ? 'base64' : 'utf8'),
  }
}

/** The event of payload format 2.0: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const eventOf = (
  request: HttpRequest,
  details: {
    apiId: string
    requestId: string
    routeKey: string
    pathParameters: Record<string, string>
    jwt?: object
    traceId: string
  },
) => {
  const { method, url, cookies, sourceIp } = request
  const { cookie, ...headers } = request.headers
  const { apiId, requestId, routeKey, pathParameters, jwt, traceId } = details
  const query = Object.fromEntries(
    [...new Set(url.searchParams.keys())].map((name) => [name, url.searchParams.getAll(name).join(',')]),
  )
  const now = new Date()
  const body = request.body ?? Buffer.alloc(0)
  const text = isText(headers['content-type'])
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies.length && { cookies }),
    headers: { ...headers, 'x-amzn-trace-id': traceId },
    ...(Object.keys(query).length && { queryStringParameters: query }),
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
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey,
      stage: '$default',
      time: clfTime(now),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(pathParameters).length && { pathParameters }),
    ...(body.length && { body: body.toString(text ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !text,
  }
}

/** An HTTP API with Lambda integrations and a JWT authorizer. Its own answers are worded as AWS words them. */
export const createApiGateway = (deps: {
  lambda: Lambda
  endpoint: string
  report: Report
  iam: Pick<Iam, 'mayInvoke'>
}): { resources: Record<string, Deploy>; handle: HttpHandler } => {
  const { lambda, endpoint, report, iam } = deps
  const integrations = new Map<string, z.output<typeof integration>>()
  const authorizers = new Map<string, ReturnType<typeof createJwtAuthorizer>>()
  const routes: Route[] = []
  let takeToken = createBucket()

  const own = (status: number, message: string): HttpResponse => json(status, { message })

  const find = (method: string, path: string) => {
    const candidates = routes.flatMap((candidate) => {
      const [routeMethod = '', template] = candidate.RouteKey.split(' ')
      const params = template ? matchPath(template, path) : {}
      const parameters = (template?.match(/\{/g) ?? []).length
      const rank = template ? parameters + (template.includes('+}') ? 100 : 0) : 1000
      return params && ['ANY', '$default', method].includes(routeMethod)
        ? [{ ...candidate, params, rank }]
        : []
    })
    return candidates.sort((a, b) => a.rank - b.rank)[0]
  }

  const invoke = async (request: HttpRequest, requestId: string): Promise<HttpResponse> => {
    if (!takeToken()) return own(429, 'Too Many Requests')
    const found = find(request.method, request.url.pathname)
    if (!found) return own(404, 'Not Found')
    const { ApiId, RouteKey, Target, AuthorizerId = '', AuthorizationScopes, params } = found
    const authorize = authorizers.get(AuthorizerId)
    if (found.AuthorizationType === 'JWT' && !authorize) return own(500, 'Internal Server Error')
    const authorization = await authorize?.(request.headers.authorization, AuthorizationScopes)
    if (authorization && 'status' in authorization)
      return authorization.status === 401
        ? {
            ...own(401, 'Unauthorized'),
            headers: { 'content-type': 'application/json', 'www-authenticate': 'Bearer' },
          }
        : own(403, 'Forbidden')
    if (!request.body) return own(413, 'Request Entity Too Large')
    const { IntegrationUri = '', TimeoutInMillis = 0 } = integrations.get(Target) ?? {}
    const target = lambda.get(IntegrationUri)
    const sourceArn = arnOf(
      'execute-api',
      `${ApiId}/$default/${RouteKey.replace(' ', '').replace(/\{\w+\+?\}/g, '*')}`,
    )
    if (!iam.mayInvoke(target.arn, sourceArn)) return own(500, 'Internal Server Error')
    const root = `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')}`
    const event = eventOf(request, {
      apiId: ApiId,
      requestId,
      routeKey: RouteKey,
      pathParameters: params,
      traceId: root,
      ...(authorization && { jwt: authorization }),
    })
    const trace = `${root};Parent=${randomBytes(8).toString('hex')};Sampled=1`
    let timer: NodeJS.Timeout | undefined
    const result = await Promise.race([
      target.invoke(event, trace),
      new Promise<undefined>((resolve) => {
        timer = setTimeout(resolve, TimeoutInMillis, undefined)
      }),
    ])
    clearTimeout(timer)
    if (!result) return own(503, 'Service Unavailable')
    return (!result.failed && responseOf(result.payload)) || own(500, 'Internal Server Error')
  }

  return {
    handle: async (request) => {
      const startedAt = performance.now()
      const requestId = randomBytes(12).toString('base64url')
      const response = await invoke(request, requestId)
      report({
        type: 'api-request',
        method: request.method,
        path: request.url.pathname,
        status: response.status,
        durationMs: Math.round(performance.now() - startedAt),
      })
      return { ...response, headers: { ...response.headers, 'apigw-requestid': requestId } }
    },
    resources: {
      'AWS::ApiGatewayV2::Api': resource(
        z.strictObject({
          Name: noEffect,
          Description: noEffect,
          ProtocolType: z.literal('HTTP'),
          DisableExecuteApiEndpoint: z.literal(false).optional(),
          Tags: noEffect,
        }),
        (_properties, { logicalId }) => ({
          ref: logicalId.toLowerCase(),
          attributes: { ApiEndpoint: endpoint, ApiId: logicalId.toLowerCase() },
        }),
      ),
      'AWS::ApiGatewayV2::Integration': resource(integration, (properties, { logicalId }) => {
        integrations.set(logicalId, properties)
        return { ref: logicalId }
      }),
      'AWS::ApiGatewayV2::Authorizer': resource(authorizer, ({ JwtConfiguration }, { logicalId }) => {
        const { Issuer: issuer, Audience: audience } = JwtConfiguration
        authorizers.set(logicalId, createJwtAuthorizer({ issuer, audience }))
        return { ref: logicalId }
      }),
      'AWS::ApiGatewayV2::Route': resource(route, (properties, { logicalId }) => {
        routes.push(properties)
        return { ref: logicalId }
      }),
      'AWS::ApiGatewayV2::Stage': resource(stage, ({ StageName, DefaultRouteSettings: limits }) => {
        takeToken = createBucket(limits?.ThrottlingRateLimit, limits?.ThrottlingBurstLimit)
        return { ref: StageName }
      }),
    },
  }
}
