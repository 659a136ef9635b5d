import { App, Stack, Validations } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { EventBus } from 'aws-cdk-lib/aws-events'
import cdkJson from '../../cdk.json' with { type: 'json' }
import type { Settings } from '../../lib/settings.ts'
import { StatefulStack } from '../../lib/stateful-stack.ts'
import { StatelessStack } from '../../lib/stateless-stack.ts'

/** How two stacks differ from those that the command line makes. */
export interface StacksOptions {
  /** Of an existing bus. */
  busArn?: string
  /** Besides that of cdk.json. */
  context?: Record<string, unknown>
}

// CDK's own validation takes longer than the rest, and refuses the stack that only holds what exists.
process.env.CDK_VALIDATION = 'false'

/** The templates of both stacks, made in this process: for settings that no environment has. */
export function stacksOf(settings: Settings, { busArn, context }: StacksOptions = {}) {
  const app = new App({ context: { ...cdkJson.context, ...context } })
  const transition = '@aws-cdk/core:crossStackReferencesBothTransitional'
  Validations.of(app).acknowledge({
    id: `Annotation::${transition}`,
    reason: 'A transition is what is tested.',
  })
  const bus = busArn && EventBus.fromEventBusArn(new Stack(app, 'existing'), 'Bus', busArn)
  const data = new StatefulStack(app, 'stateful', { settings, ...(bus && { bus }) })
  const code = new StatelessStack(app, 'stateless', { settings, data })
  return { stateful: Template.fromStack(data), stateless: Template.fromStack(code) }
}
