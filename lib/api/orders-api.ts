import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import * as api from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { AliasOptions } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import * as env from '../../lambdas/runtime/env.ts'
import { ServiceFunction } from '../functions/service-function.ts'
import { constructIdOf, mapValues } from '../names.ts'
import { fiveMinutes, minute, serviceMetric, sumOf } from '../observability/metrics.ts'
import type { SharedProps } from '../workers/queue-worker.ts'
import { releaseGradually, slowestMs } from './gradual-release.ts'

/** Fields of the access log: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    at: AccessLogField.contextRequestTime(),
    client: AccessLogField.contextAuthorizerClaims('client_id'),
    subject: AccessLogField.contextAuthorizerClaims('sub'),
    sourceIp: AccessLogField.contextIdentitySourceIp(),
    route: AccessLogField.contextRouteKey(),
    status: AccessLogField.contextStatus(),
    latencyMs: AccessLogField.contextResponseLatency(),
    integrationLatencyMs: AccessLogField.contextIntegrationLatency(),
    integrationError: AccessLogField.contextIntegrationErrorMessage(),
    error: AccessLogField.contextErrorMessage(),
  }),
)

const serverErrorLimit = 5
const throttleLimit = 10
/** The operations that our functions call on the orders table. */
const tableOperations = ['PutItem', 'UpdateItem', 'GetItem', 'Query', 'BatchGetItem']

/** The shared props, and who may use the API. */
type OrdersApiProps = SharedProps & { authorizer: api.IHttpRouteAuthorizer }

/** The HTTP API: five routes, each with its own function and scopes. */
export class OrdersApi extends Construct {
  readonly url: string

  constructor(scope: Construct, id: string, props: OrdersApiProps) {
    super(scope, id)
    const { settings, authorizer, network } = props
    const { orderTable, bus } = props.data
    const httpApi = new api.HttpApi(this, 'HttpApi', { createDefaultStage: false })
    const { ratePerSecond: rateLimit, burst: burstLimit } = settings.throttle
    const accessLog = new LogGroup(httpApi, 'AccessLog', { retention: settings.logRetentionDays })
    const stage = new api.HttpStage(httpApi, 'DefaultStage', {
      httpApi,
      autoDeploy: true,
      throttle: { rateLimit, burstLimit },
      accessLogSettings: { destination: new api.LogGroupLogDestination(accessLog), format: accessLogFormat },
    })
    this.url = stage.url

    const { POST, GET, PATCH } = api.HttpMethod
    /** `name` is the function's file in lambdas/ without its extension. */
    const addRoute = (
      name: string,
      method: api.HttpMethod,
      path: string,
      environment: Record<string, string>,
      alias?: AliasOptions,
    ) => {
      const routeId = constructIdOf(name)
      const handler = new ServiceFunction(this, routeId, { settings, network, name, environment, alias })
      httpApi.addRoutes({
        path,
        methods: [method],
        integration: new HttpLambdaIntegration(`${routeId}Integration`, handler.target),
        authorizer,
        authorizationScopes: method === GET ? ['orders/read', 'orders/read:all'] : ['orders/write'],
      })
      return handler
    }

    const variables = {
      ORDER_TABLE_NAME: orderTable.tableName,
      OWNER_CLAIM: props.data.jwt.ownerClaim ?? 'sub',
      EVENT_BUS_NAME: bus.eventBusName,
      OUTBOX_GRACE_MS: `${settings.outbox.graceMs}`,
      OUTBOX_SHARDS: `${settings.outbox.shards}`,
      ORDER_RETENTION_DAYS: `${settings.orderRetentionDays}`,
      LIMITS: JSON.stringify(mapValues(settings.vendors, ({ limits }) => limits)),
      ROUTES: JSON.stringify(settings.routes),
    }
    /** The subset of the variables that a function's schema reads. */
    const readBy = <Name extends keyof typeof variables>({ shape }: { shape: Record<Name, unknown> }) =>
      Object.fromEntries(Object.entries(variables).filter(([name]) => name in shape))

    const { provisionedConcurrency: warm, gradualRelease } = settings
    const alias =
      warm || gradualRelease ? { ...(warm && { provisionedConcurrentExecutions: warm }) } : undefined
    const createOrder = addRoute('create-order', POST, '/orders', readBy(env.createOrderEnv), alias)
    createOrder.allow(['dynamodb:PutItem'], orderTable.tableArn)
    createOrder.allow(['events:PutEvents'], bus.eventBusArn)

    const listOrders = addRoute('list-orders', GET, '/orders', readBy(env.readOrdersEnv))
    listOrders.allow(['dynamodb:Query'], orderTable.indexArn('byOwner'))
    listOrders.allow(['dynamodb:BatchGetItem'], orderTable.tableArn)

    const order = '/orders/{orderId}'
    const getOrder = addRoute('get-order', GET, order, readBy(env.readOrdersEnv))
    getOrder.allow(['dynamodb:GetItem'], orderTable.tableArn)

    const correctOrder = addRoute('correct-order', PATCH, order, readBy(env.correctOrderEnv))
    correctOrder.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], orderTable.tableArn)

    const cancelOrder = addRoute('cancel-order', POST, `${order}/cancellation`, readBy(env.cancelOrderEnv))
    cancelOrder.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], orderTable.tableArn)
    cancelOrder.allow(['events:PutEvents'], bus.eventBusArn)

    this.observe(props, httpApi, createOrder)
    if (gradualRelease && createOrder.alias)
      releaseGradually(createOrder, createOrder.alias, props.observability)
  }

  /** Graphs and alarms of the API and its table. */
  private observe(
    { observability, data }: OrdersApiProps,
    httpApi: api.HttpApi,
    createOrder: ServiceFunction,
  ): void {
    const throttled = sumOf(
      'throttled requests',
      tableOperations.map((operation) =>
        data.orderTable.metricThrottledRequestsForOperation(operation, { statistic: 'Sum' }),
      ),
      fiveMinutes,
    )
    observability.ordersPerMinute.addLeftMetric(
      serviceMetric('OrdersCreated', { service: createOrder, statistic: 'Sum', label: 'created' }),
    )
    observability.addRow(
      'API and orders table',
      {
        title: 'Requests',
        metrics: [
          httpApi.metricCount({ ...minute, label: 'requests' }),
          httpApi.metricClientError({ ...minute, label: '4xx' }),
          httpApi.metricServerError({ ...minute, label: '5xx' }),
        ],
      },
      {
        title: 'Latency (ms)',
        metrics: ['p50', 'p99'].map((statistic) =>
          httpApi.metricLatency({ ...minute, statistic, label: statistic }),
        ),
      },
      { title: 'Throttled requests to the orders table', metrics: [throttled] },
    )
    observability.alarm(this, 'ServerErrors', {
      description: `The API answered with more than ${serverErrorLimit} server errors in five minutes.`,
      runbookHeading: 'The API answers 5xx',
      metric: httpApi.metricServerError({ ...fiveMinutes, statistic: 'Sum' }),
      threshold: serverErrorLimit,
    })
    observability.alarm(this, 'Slow', {
      description: `One request in a hundred takes longer than ${slowestMs} ms.`,
      runbookHeading: 'The API is slow',
      metric: httpApi.metricLatency({ ...minute, statistic: 'p99' }),
      threshold: slowestMs,
      periods: 5,
    })
    observability.alarm(this, 'TableThrottled', {
      description: `DynamoDB throttled more than ${throttleLimit} requests to the orders table in five minutes.`,
      runbookHeading: 'The orders table is throttled',
      metric: throttled,
      threshold: throttleLimit,
    })
    observability.addRow(createOrder.name, observability.observeFunction(createOrder))
  }
}
