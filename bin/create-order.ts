import { bundled } from './bundled.ts'

// The bundles are under way, and the CDK is loaded beside them.

import { Annotations, App, Validations } from 'aws-cdk-lib'
import cdkJson from '../cdk.json' with { type: 'json' }
import { loadSettings } from '../lib/config.ts'
import { StatefulStack } from '../lib/stateful-stack.ts'
import { StatelessStack } from '../lib/stateless-stack.ts'

// The cdk command passes cdk.json's flags and asks for construct paths; `node bin/create-order.ts` gets them too.
const app = new App({
  context: {
    ...cdkJson.context,
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
  },
})
const context = (name: string): string | undefined => app.node.tryGetContext(name)?.toString()

const environment = context('env') ?? 'dev'
// By roles of their own, so that environments can share an account and who deploys dev cannot deploy prod.
if (environment !== 'dev') app.node.setContext('@aws-cdk/core:bootstrapQualifier', `co${environment}`)
const settings = loadSettings(environment, {
  speed: context('speed'),
  jwtIssuer: context('jwtIssuer'),
  jwtAudience: context('jwtAudience'),
  vendorUrls: context('vendorUrls'),
})
await bundled

const name = `create-order-${environment}`
const props = { settings, tags: { service: 'create-order', environment } }
const data = new StatefulStack(app, `${name}-stateful`, props)
const code = new StatelessStack(app, `${name}-stateless`, { ...props, data })
// The release refuses to deploy what has warnings (--strict).
const { email, webhook, runbookUrl } = settings.alarms
const warnings = Annotations.of(code)
if (environment !== 'dev' && !email && !webhook)
  warnings.addWarningV2(
    'create-order:receiver',
    'Nobody is told of alarms: set alarms.email or alarms.webhook in lib/config.ts.',
  )
if (environment !== 'dev' && !URL.canParse(runbookUrl))
  warnings.addWarningV2(
    'create-order:runbook',
    'The alarms link no page: set alarms.runbookUrl in lib/config.ts to the address of docs/runbook.md.',
  )
// Loaded only where it is used: the embedded cloud starts without validation.
if (process.env.CDK_VALIDATION !== 'false') {
  const { AwsSolutionsChecks } = await import('cdk-nag')
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
}
