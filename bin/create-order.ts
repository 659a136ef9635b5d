import { bundled } from './bundled.ts'

// The bundles are under way, and the CDK is loaded beside them.

import { Validations } from 'aws-cdk-lib'
import { contextOf, createApp, OrderPipeline } from '../package/index.ts'
import { loadSettings } from './environments.ts'

const app = createApp()
await bundled
new OrderPipeline(app, { settings: loadSettings(...contextOf(app)) })
// Loaded only where it is used: the embedded cloud starts without validation.
if (process.env.CDK_VALIDATION !== 'false') {
  const { AwsSolutionsChecks } = await import('cdk-nag')
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
}
