import { Duration } from 'aws-cdk-lib'
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { Operation, type Table } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'
import { serviceMetric } from './metrics.ts'
import type { Observability } from './observability.ts'

/** A click is answered in milliseconds; a cold start takes less than this too. */
const slowestMs = 1000
const serverErrorLimit = 5
const throttleLimit = 10
const minute = { period: Duration.minutes(1) }
const fiveMinutes = { period: Duration.minutes(5) }

/** The API, its table, and where its alarms are made. */
export interface ApiToObserve {
  scope: Construct
  httpApi: HttpApi
  orderTable: Table
  /** The `service` that counts the orders created. */
  createOrder: string
}

/** Puts the API and its table on the dashboard, with alarms: server errors, slowness, throttled writes. */
export function observeApi(observability: Observability, observed: ApiToObserve): void {
  const { scope, httpApi, orderTable, createOrder } = observed
  const throttled = orderTable.metricThrottledRequestsForOperations({
    ...fiveMinutes,
    operations: [
      ...[Operation.PUT_ITEM, Operation.UPDATE_ITEM, Operation.GET_ITEM],
      ...[Operation.QUERY, Operation.BATCH_GET_ITEM],
    ],
  })
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
  observability.alarm(scope, 'ServerErrors', {
    description: `The API answered with more than ${serverErrorLimit} server errors in five minutes.`,
    runbookHeading: 'The API answers 5xx',
    metric: httpApi.metricServerError({ ...fiveMinutes, statistic: 'Sum' }),
    threshold: serverErrorLimit,
  })
  observability.alarm(scope, 'Slow', {
    description: `One request in a hundred takes longer than ${slowestMs} ms.`,
    runbookHeading: 'The API is slow',
    metric: httpApi.metricLatency({ ...fiveMinutes, statistic: 'p99' }),
    threshold: slowestMs,
    periods: 3,
  })
  observability.alarm(scope, 'TableThrottled', {
    description: `DynamoDB throttled more than ${throttleLimit} requests to the orders table in five minutes.`,
    runbookHeading: 'The orders table is throttled',
    metric: throttled,
    threshold: throttleLimit,
  })
}
