import { expect, test } from '@jest/globals'
import { type Resource, resources, template } from './templates.ts'

const routes = new Map(
  resources('fast', 'stateless', 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => [
    Properties.RouteKey,
    Properties,
  ]),
)
const integrations = new Map(resources('fast', 'stateless', 'AWS::ApiGatewayV2::Integration'))
const functions = new Map(resources('fast', 'stateless', 'AWS::Lambda::Function'))

const read = ['orders/read', 'orders/read:all']
const write = ['orders/write']

test.each([
  ['POST /orders', 'create-order.handler', write],
  ['GET /orders', 'list-orders.handler', read],
  ['GET /orders/{orderId}', 'get-order.handler', read],
  ['POST /orders/{orderId}/cancellation', 'cancel-order.handler', write],
  ['PATCH /orders/{orderId}', 'correct-order.handler', write],
])('%s is answered by %s to tokens with one of the scopes %j', (routeKey, handler, scopes) => {
  const route = routes.get(routeKey)
  const integrationId = route.Target['Fn::Join'][1].at(-1).Ref
  const { IntegrationUri } = (integrations.get(integrationId) as Resource).Properties
  expect(functions.get(IntegrationUri['Fn::GetAtt'][0])?.Properties.Handler).toBe(handler)
  expect(route.AuthorizationScopes).toEqual(scopes)
})

test('no route is open', () => {
  template('fast', 'stateless').allResourcesProperties('AWS::ApiGatewayV2::Route', {
    AuthorizationType: 'JWT',
  })
})

test('tokens are those of the configured issuer and audience', () => {
  template('fast', 'stateless').hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
    AuthorizerType: 'JWT',
    JwtConfiguration: { Issuer: 'http://localhost:1/', Audience: ['orders-api'] },
  })
})

test('the API is throttled, and its access log says which client called which route from where, and nothing about buyers', () => {
  const [[, stage]] = resources('prod', 'stateless', 'AWS::ApiGatewayV2::Stage') as [[string, Resource]]
  const { DefaultRouteSettings, AccessLogSettings } = stage.Properties
  expect(DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 })
  expect(JSON.parse(AccessLogSettings.Format)).toEqual({
    requestId: '$context.requestId',
    at: '$context.requestTime',
    client: '$context.authorizer.claims.client_id',
    subject: '$context.authorizer.claims.sub',
    sourceIp: '$context.identity.sourceIp',
    route: '$context.routeKey',
    status: '$context.status',
    latencyMs: '$context.responseLatency',
    integrationLatencyMs: '$context.integrationLatency',
    integrationError: '$context.integrationErrorMessage',
    error: '$context.error.message',
  })
})

test('a function that answers a click has ten seconds and a gigabyte, unless it says otherwise', () => {
  const clicks = [...routes.values()].map(({ Target }) => Target['Fn::Join'][1].at(-1).Ref)
  for (const integrationId of clicks) {
    const { IntegrationUri } = (integrations.get(integrationId) as Resource).Properties
    const { Timeout, MemorySize } = (functions.get(IntegrationUri['Fn::GetAtt'][0]) as Resource).Properties
    expect({ Timeout, MemorySize }).toEqual({ Timeout: 10, MemorySize: 1024 })
  }
})

test('in prod the create route goes to instances that are warm already', () => {
  template('prod', 'stateless').hasResourceProperties('AWS::Lambda::Alias', {
    ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 },
  })
})
