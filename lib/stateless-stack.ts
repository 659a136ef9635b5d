import { CfnOutput, RemovalPolicies, Stack, type StackProps } from 'aws-cdk-lib'
import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { OrdersApi } from './api/orders-api.ts'
import { removalOf } from './data/retention.ts'
import type { Network } from './functions/service-function.ts'
import { laneIdOf } from './names.ts'
import { Observability } from './observability/observability.ts'
import { Operators } from './operators.ts'
import type { Settings } from './settings.ts'
import type { StatefulStack } from './stateful-stack.ts'
import { OutboxRelay } from './workers/outbox-relay.ts'
import type { SharedProps } from './workers/queue-worker.ts'
import { StepWorker } from './workers/step-worker.ts'

/** The settings, and the stack that holds the data. */
export interface StatelessStackProps extends StackProps {
  settings: Settings
  data: StatefulStack
  /** An existing network for the functions; if not given, they run outside a VPC. */
  network?: Network | undefined
  /** Your own JWT authorizer, such as `HttpUserPoolAuthorizer`; its tokens must have the scopes. */
  authorizer?: IHttpRouteAuthorizer | undefined
  /** Adds the application's own resources, such as a `Listener`, to the stack. */
  extend?: ((stack: Stack, shared: SharedProps) => void) | undefined
}

/** Resources that can be replaced at any time: the API, the chain's workers, the relay, alarms and dashboard. */
export class StatelessStack extends Stack {
  constructor(scope: Construct, id: string, props: StatelessStackProps) {
    super(scope, id, props)
    const { settings, data, network, authorizer, extend } = props
    const logGroups = { applyToResourceTypes: [CfnLogGroup.CFN_RESOURCE_TYPE_NAME] }
    RemovalPolicies.of(this).apply(removalOf(settings), logGroups)
    const { issuer, audience: jwtAudience } = data.jwt
    const observability = new Observability(this, 'Observability', settings)
    const shared = { settings, observability, data, network }

    const api = new OrdersApi(this, 'Api', {
      ...shared,
      authorizer: authorizer ?? new HttpJwtAuthorizer('Authorizer', issuer, { jwtAudience }),
    })
    const lanes = Object.entries(settings.vendors).map(
      ([name, { step }]) => new StepWorker(this, laneIdOf(step, name), { ...shared, vendor: name }),
    )
    new OutboxRelay(this, 'OutboxRelay', { ...shared, lanes })
    extend?.(this, shared)
    new Operators(this, 'Operators', shared)
    new CfnOutput(this, 'ApiUrl', { value: api.url })
  }
}
