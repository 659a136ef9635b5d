import { CfnOutput, RemovalPolicies, Stack, type StackProps } from 'aws-cdk-lib'
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { stepNames } from '../lambdas/domain/chain.ts'
import { OrdersApi } from './api/orders-api.ts'
import type { Settings } from './config.ts'
import { removalOf } from './data/retention.ts'
import type { Network } from './functions/service-function.ts'
import { laneIdOf } from './lanes.ts'
import { serviceMetric } from './observability/metrics.ts'
import { Observability } from './observability/observability.ts'
import { Operators } from './operators.ts'
import type { StatefulStack } from './stateful-stack.ts'
import { OutboxRelay } from './workers/outbox-relay.ts'
import { StepWorker } from './workers/step-worker.ts'

/** The settings, and the stack whose data it works on. */
export interface StatelessStackProps extends StackProps {
  settings: Settings
  data: StatefulStack
  /** An existing network for the functions; without it they run in Lambda's own. */
  network?: Network
  /** A JWT authorizer of your own, such as `HttpUserPoolAuthorizer`; its tokens must have the scopes. */
  authorizer?: IHttpRouteAuthorizer
}

/** What can be replaced at any time: the API, the chain's workers, the relay, alarms and dashboard. */
export class StatelessStack extends Stack {
  constructor(scope: Construct, id: string, props: StatelessStackProps) {
    super(scope, id, props)
    const { settings, data, network, authorizer } = props
    const logGroups = { applyToResourceTypes: [CfnLogGroup.CFN_RESOURCE_TYPE_NAME] }
    RemovalPolicies.of(this).apply(removalOf(settings), logGroups)
    const { bus, jwt } = data
    const observability = new Observability(this, 'Observability', settings)
    const shared = { settings, observability, data, bus, network }

    const api = new OrdersApi(this, 'Api', {
      ...shared,
      authorizer:
        authorizer ?? new HttpJwtAuthorizer('Authorizer', jwt.issuer, { jwtAudience: jwt.audience }),
    })
    const lanes = Object.entries(settings.vendors).map(
      ([name, { step }]) => new StepWorker(this, laneIdOf(step, name), { ...shared, vendor: name }),
    )
    new OutboxRelay(this, 'OutboxRelay', { ...shared, lanes })
    new Operators(this, 'Operators', shared)
    for (const lane of lanes) if (lane.step === stepNames.at(-1)) observeChainEnd(observability, lane)
    new CfnOutput(this, 'ApiUrl', { value: api.url })
  }
}

/** What only the chain's last step knows: that an order is ready, and how long it took from the click. */
function observeChainEnd(observability: Observability, { step, worker: service }: StepWorker): void {
  observability.ordersPerMinute.addLeftMetric(
    serviceMetric('StepCompleted', {
      service,
      dimensions: { step },
      statistic: 'Sum',
      label: `ready: ${service.name}`,
    }),
  )
  for (const statistic of ['p50', 'p99'] as const) {
    observability.clickToReady.addLeftMetric(
      serviceMetric('ClickToReadySeconds', { service, statistic, label: `${service.name}: ${statistic}` }),
    )
  }
}
