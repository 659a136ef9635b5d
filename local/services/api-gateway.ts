import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { createTokenBucket } from '../../vendors/token-bucket.ts'
import type { Activity } from '../activity.ts'
import { type App, type HttpResponse, json } from '../http.ts'
import type { Iam } from '../iam.ts'
import { account, arnOf, nameOf, resource } from './aws-service.ts'
import { createJwtAuthorizer } from './jwt-authorizer.ts'
import { type Lambda, newTrace } from './lambda.ts'

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const integrationTimeoutMs = 30_000

const integration = {
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
}
const authorizer = {
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
const limit = z.number().default(Infinity)
const throttle = z.object({ ThrottlingBurstLimit: limit, ThrottlingRateLimit: limit })
const stage = { StageName: z.literal('$default'), DefaultRouteSettings: throttle.prefault({}) }

type Route = z.output<z.ZodObject<typeof route>>

type Request = FastifyRequest<{
  Params: Record<string, string>
  Querystring: Record<string, string | string[]>
  Headers: Record<string, string>
}>

const textTypes = /^text\/|^application\/(json|javascript|xml)|\+(json|xml)/

/** Payload format 2.0: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const eventOf = (request: Request, { ApiId: apiId, RouteKey: routeKey }: Route, context: object) => {
  const { method, headers, params, query } = request
  const [path = '', rawQueryString = ''] = request.url.split('?')
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const isText = textTypes.test(headers['content-type'] ?? '')
  const queryTexts = Object.entries(query).map(([name, value]) => [name, String(value)])
  const { host: domainName, 'user-agent': userAgent = '' } = headers
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString,
    headers,
    ...(queryTexts.length && { queryStringParameters: Object.fromEntries(queryTexts) }),
    requestContext: {
      accountId: account,
      apiId,
      domainName,
      domainPrefix: apiId,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: request.ip, userAgent },
      routeKey,
      stage: '$default',
      timeEpoch: Date.now(),
      ...context,
    },
    ...(Object.keys(params).length && { pathParameters: params }),
    ...(body.length && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

const proxyResponse = z.object({
  statusCode: z.coerce.number(),
  headers: z.record(z.string(), z.coerce.string()).default({}),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
})

/** The response for a function's result. A result without a status code is the body; undefined if it is malformed. */
const responseOf = (payload: unknown): HttpResponse | undefined => {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) return json(200, payload)
  const { data } = proxyResponse.safeParse(payload)
  if (!data) return undefined
  const body = Buffer.from(data.body, data.isBase64Encoded ? 'base64' : 'utf8')
  const headers = Object.entries(data.headers).map(([name, value]) => [name.toLowerCase(), value])
  const own = { 'content-type': 'text/plain;charset=UTF-8', 'content-length': String(body.length) }
  return { status: data.statusCode, headers: { ...own, ...Object.fromEntries(headers) }, body }
}

/** An HTTP API with Lambda integrations and a JWT authorizer. Its error responses have AWS's wording. */
export const createApiGateway = (deps: {
  app: App
  lambda: Lambda
  activity: Activity
  iam: Pick<Iam, 'mayInvoke'>
}) => {
  const { app, lambda, activity, iam } = deps
  const integrations = new Map<string, string>()
  const authorizers = new Map<string, ReturnType<typeof createJwtAuthorizer>>()
  const takeToken = createTokenBucket(() => Date.now())
  let throttling = throttle.parse({})

  const answer = async (request: Request, found: Route, path: string): Promise<HttpResponse> => {
    const { ThrottlingRateLimit, ThrottlingBurstLimit } = throttling
    if (!takeToken(ThrottlingRateLimit, ThrottlingBurstLimit))
      return json(429, { message: 'Too Many Requests' })
    const authorize = authorizers.get(found.AuthorizerId)
    const jwt = await authorize?.(request.headers.authorization, found.AuthorizationScopes)
    if (!jwt && found.AuthorizationType === 'JWT') throw new Error(`${found.RouteKey} has no authorizer`)
    if (jwt && 'status' in jwt)
      return jwt.status === 401
        ? json(401, { message: 'Unauthorized' }, { 'www-authenticate': 'Bearer' })
        : json(403, { message: 'Forbidden' })

    const target = lambda.get(integrations.get(nameOf(found.Target)) ?? '')
    const sourceArn = arnOf('execute-api', `${found.ApiId}/$default/${found.RouteKey.replace(' ', '')}`)
    if (!iam.mayInvoke(target.arn, sourceArn)) {
      console.error(
        `local: No permission allows ${found.RouteKey} to invoke it (constructs: ${path}, ${target.path})`,
      )
      return json(500, { message: 'Internal Server Error' })
    }
    const trace = newTrace()
    request.headers['x-amzn-trace-id'] = trace.replace(/;.*/, '')
    const event = eventOf(request, found, { requestId: request.id, ...(jwt && { authorizer: { jwt } }) })
    const { promise: late, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, integrationTimeoutMs, undefined)
    const result = await Promise.race([target.invoke(event, trace), late])
    clearTimeout(timer)
    if (!result) return json(503, { message: 'Service Unavailable' })
    return (!result.failed && responseOf(result.payload)) || json(500, { message: 'Internal Server Error' })
  }

  const send =
    (work: (request: Request) => HttpResponse | Promise<HttpResponse>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const startedAt = performance.now()
      const { status, headers, body } = await work(request as Request)
      const { id, method, url: path } = request
      const durationMs = performance.now() - startedAt
      activity.emit('activity', { type: 'api-request', method, path, status, durationMs, headers })
      return reply
        .code(status)
        .headers({ ...headers, 'apigw-requestid': id })
        .send(body)
    }

  app.setNotFoundHandler(send(() => json(404, { message: 'Not Found' })))
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { statusCode = 500 } = error
    if (statusCode < 500) {
      const message = statusCode === 413 ? 'Request Entity Too Large' : error.message
      return send(() => json(statusCode, { message }))(request, reply)
    }
    console.error('local: a request failed in the emulator itself:', error)
    return send(() => json(500, { message: 'Internal Server Error' }))(request, reply)
  })

  return {
    resources: {
      'AWS::ApiGatewayV2::Api': resource(
        { Name: z.string(), ProtocolType: z.literal('HTTP') },
        '',
        (_properties, { logicalId }) => ({ ref: logicalId.toLowerCase() }),
      ),
      'AWS::ApiGatewayV2::Integration': resource(integration, 'ApiId', (properties, { logicalId }) => {
        integrations.set(logicalId, properties.IntegrationUri)
        return { ref: logicalId }
      }),
      'AWS::ApiGatewayV2::Authorizer': resource(authorizer, 'ApiId Name', (properties, { logicalId }) => {
        const { Issuer: issuer, Audience: audience } = properties.JwtConfiguration
        authorizers.set(logicalId, createJwtAuthorizer({ issuer, audience }))
        return { ref: logicalId }
      }),
      'AWS::ApiGatewayV2::Route': resource(route, '', (properties, { logicalId, path: construct }) => {
        const [method = '', path = ''] = properties.RouteKey.split(' ')
        const handler = send((request) => answer(request, properties, construct))
        app.route({ method, url: path.replace(/\{(\w+)\}/g, ':$1'), handler })
        return { ref: logicalId }
      }),
      'AWS::ApiGatewayV2::Stage': resource(
        stage,
        'ApiId AutoDeploy AccessLogSettings',
        ({ DefaultRouteSettings }) => {
          throttling = DefaultRouteSettings
          return { ref: '$default' }
        },
      ),
    },
  }
}
