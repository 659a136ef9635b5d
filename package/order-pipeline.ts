import {
  Annotations,
  type App,
  CfnOutput,
  DefaultStackSynthesizer,
  type IStackSynthesizer,
} from 'aws-cdk-lib'
import type { Settings } from '../lib/settings.ts'
import { StatefulStack, type StatefulStackProps } from '../lib/stateful-stack.ts'
import { StatelessStack, type StatelessStackProps } from '../lib/stateless-stack.ts'
import { VendorSimulators } from './vendor-simulators.ts'

/** The settings of the environment, and resources of yours to use instead of new ones. */
export type OrderPipelineProps = StatefulStackProps & Omit<StatelessStackProps, 'data'>

/**
 * The stacks of one environment: `create-order-<environment>-stateful` and `-stateless`, and `-vendors` if it simulates
 * vendors. The tools find the stacks by these names.
 */
export class OrderPipeline {
  readonly data: StatefulStack
  readonly code: StatelessStack

  constructor(app: App, { bus, jwt, network, authorizer, extend, ...shared }: OrderPipelineProps) {
    const { environment } = shared.settings
    const name = `create-order-${environment}`
    const deployment = () => ({
      synthesizer: synthesizerOf(environment),
      tags: { service: 'create-order', environment },
      ...shared,
    })
    this.data = new StatefulStack(app, `${name}-stateful`, { ...deployment(), bus, jwt })
    const isSimulated = Object.values(shared.settings.vendors).some(({ url }) => url === 'simulator')
    const { vendors } = isSimulated
      ? new VendorSimulators(app, `${name}-vendors`, { ...deployment(), data: this.data })
      : shared.settings
    this.code = new StatelessStack(app, `${name}-stateless`, {
      ...deployment(),
      data: this.data,
      settings: { ...shared.settings, vendors },
      network,
      authorizer,
      extend,
    })
    if (isSimulated)
      new CfnOutput(this.code, 'PlaceAnOrder', { value: `npx orderctl demo --env ${environment}` })
    if (environment !== 'dev') warnOf(shared.settings, Annotations.of(this.code))
  }
}

/**
 * Each environment has its own bootstrap roles, so that environments can share an account and a role that deploys dev
 * cannot deploy prod. The cast is needed because CDK's class contradicts its own interface under strict types.
 */
const synthesizerOf = (environment: string) =>
  new DefaultStackSynthesizer(
    environment === 'dev' ? {} : { qualifier: `co${environment}` },
  ) as IStackSynthesizer

/** Adds warnings. The release refuses to deploy stacks with warnings (`--strict`). */
function warnOf({ alarms, vendors }: Settings, warnings: Annotations): void {
  const { email, webhook, runbookUrl } = alarms
  if (!email && !webhook)
    warnings.addWarningV2(
      'create-order:receiver',
      'Nobody is told of alarms: set alarms.email or alarms.webhook in bin/environments.ts.',
    )
  if (!URL.canParse(runbookUrl))
    warnings.addWarningV2(
      'create-order:runbook',
      'The alarms link no page: set alarms.runbookUrl in bin/environments.ts to the address of docs/runbook.md.',
    )
  for (const [vendor, { url }] of Object.entries(vendors))
    if (/^https:\/\/[^/]+\.example(\/|$)/.test(url))
      warnings.addWarningV2(
        `create-order:${vendor}`,
        `${url} is nobody's address: set vendors.${vendor}.url in bin/environments.ts to that of your ${vendor}.`,
      )
}
