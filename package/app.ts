import { App } from 'aws-cdk-lib'
import cdkJson from '../cdk.json' with { type: 'json' }
import type { Overrides } from '../lib/settings.ts'

/**
 * Creates a CDK app with the feature flags that the constructs are tested with. It also turns construct paths on, which
 * the cdk command does by default and `node bin/….ts` does not.
 */
export const createApp = (): App =>
  new App({
    context: {
      ...cdkJson.context,
      'aws:cdk:enable-path-metadata': true,
      'aws:cdk:enable-asset-metadata': true,
    },
  })

/** The environment from `-c env=…` (default dev), and the other config values on the command line. */
export function contextOf({ node }: App): [environment: string, overrides: Overrides] {
  const context = (name: string): string | undefined => node.tryGetContext(name)?.toString()
  const overrides = {
    speed: context('speed'),
    jwtIssuer: context('jwtIssuer'),
    jwtAudience: context('jwtAudience'),
    vendorUrls: context('vendorUrls'),
  }
  return [context('env') ?? 'dev', overrides]
}
