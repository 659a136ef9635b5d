import { bundled } from './bundled.ts'

// This import stays first: it starts the bundling, which runs while the CDK loads.

import { Validations } from 'aws-cdk-lib'
import { contextOf, createApp, OrderPipeline } from '../package/index.ts'
import { loadSettings } from './environments.ts'

const app = createApp()
await bundled
new OrderPipeline(app, { settings: loadSettings(...contextOf(app)) })
// cdk-nag is loaded only when needed: the embedded cloud skips validation to start faster.
if (process.env.CDK_VALIDATION !== 'false') {
  const { AwsSolutionsChecks } = await import('cdk-nag')
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
}
