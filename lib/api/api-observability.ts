import { Duration } from 'aws-cdk-lib'
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { type Alarm, MathExpression } from 'aws-cdk-lib/aws-cloudwatch'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import type { ServiceFunction } from '../functions/service-function.ts'
import { observeFunction } from '../observability/function-observability.ts'
import { serviceMetric } from '../observability/metrics.ts'
import type { Observability } from '../observability/observability.ts'

/** More than a cold start takes. */
const slowestMs = 1000
const serverErrorLimit = 5
const throttleLimit = 10
/** What our functions ask of the orders table. */
const tableOperations = ['PutItem', 'UpdateItem', 'GetItem', 'Query', 'BatchGetItem']
const minute = { period: Duration.minutes(1) }
const fiveMinutes = { period: Duration.minutes(5) }

/** The API, its table, and where its alarms are made. */
export interface ApiToObserve {
  scope: Construct
  httpApi: HttpApi
  orderTable: Table
  /** The function behind the click. */
  createOrder: ServiceFunction
}

/** Graphs and alarms of the API and its table. Returns the alarms that a bad release raises. */
export function observeApi(observability: Observability, observed: ApiToObserve): Alarm[] {
  const { scope, httpApi, orderTable, createOrder } = observed
  const throttled = new MathExpression({
    label: 'throttled requests',
    // An operation that was not throttled has no data, and without FILL the sum would have none either.
    expression: tableOperations.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(
      tableOperations.map((operation, index) => [
        `m${index}`,
        orderTable.metricThrottledRequestsForOperation(operation, { ...fiveMinutes, statistic: 'Sum' }),
      ]),
    ),
    ...fiveMinutes,
  })
  observability.ordersPerMinute.addLeftMetric(
    serviceMetric('OrdersCreated', { service: createOrder.name, statistic: 'Sum', label: 'created' }),
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
  const serverErrors = observability.alarm(scope, 'ServerErrors', {
    description: `The API answered with more than ${serverErrorLimit} server errors in five minutes.`,
    runbookHeading: 'The API answers 5xx',
    metric: httpApi.metricServerError({ ...fiveMinutes, statistic: 'Sum' }),
    threshold: serverErrorLimit,
  })
  const slow = observability.alarm(scope, 'Slow', {
    description: `One request in a hundred takes longer than ${slowestMs} ms.`,
    runbookHeading: 'The API is slow',
    metric: httpApi.metricLatency({ ...minute, statistic: 'p99' }),
    threshold: slowestMs,
    periods: 5,
  })
  observability.alarm(scope, 'TableThrottled', {
    description: `DynamoDB throttled more than ${throttleLimit} requests to the orders table in five minutes.`,
    runbookHeading: 'The orders table is throttled',
    metric: throttled,
    threshold: throttleLimit,
  })
  const { graph, crashes } = observeFunction(observability, createOrder)
  observability.addRow(createOrder.name, graph)
  return [serverErrors, slow, crashes]
}
