import { Annotations, type App } from 'aws-cdk-lib'
import type { Settings } from '../lib/settings.ts'
import { StatefulStack, type StatefulStackProps } from '../lib/stateful-stack.ts'
import { StatelessStack, type StatelessStackProps } from '../lib/stateless-stack.ts'

/** The settings of the environment, and what exists already. */
export type OrderPipelineProps = StatefulStackProps & Omit<StatelessStackProps, 'data'>

/** Both stacks of one environment: `create-order-<environment>-stateful` and `-stateless`, as the tools know them. */
export class OrderPipeline {
  readonly data: StatefulStack
  readonly code: StatelessStack

  constructor(app: App, { bus, jwt, network, authorizer, extend, ...shared }: OrderPipelineProps) {
    const { environment, alarms } = shared.settings
    // By roles of their own, so that environments can share an account and who deploys dev cannot deploy prod.
    if (environment !== 'dev') app.node.setContext('@aws-cdk/core:bootstrapQualifier', `co${environment}`)
    const name = `create-order-${environment}`
    const props = { tags: { service: 'create-order', environment }, ...shared }
    this.data = new StatefulStack(app, `${name}-stateful`, { ...props, bus, jwt })
    this.code = new StatelessStack(app, `${name}-stateless`, {
      ...props,
      data: this.data,
      network,
      authorizer,
      extend,
    })
    if (environment !== 'dev') warnOf(alarms, Annotations.of(this.code))
  }
}

/** The release refuses to deploy what has warnings (--strict). */
function warnOf({ email, webhook, runbookUrl }: Settings['alarms'], warnings: Annotations): void {
  if (!email && !webhook)
    warnings.addWarningV2(
      'create-order:receiver',
      'Nobody is told of alarms: set alarms.email or alarms.webhook in lib/config.ts.',
    )
  if (!URL.canParse(runbookUrl))
    warnings.addWarningV2(
      'create-order:runbook',
      'The alarms link no page: set alarms.runbookUrl in lib/config.ts to the address of docs/runbook.md.',
    )
}
