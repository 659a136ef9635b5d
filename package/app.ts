import { App } from 'aws-cdk-lib'
import cdkJson from '../cdk.json' with { type: 'json' }
import type { Overrides } from '../lib/settings.ts'

/**
 * A CDK app with the feature flags that the constructs are tested with. The cdk command asks for construct paths
 * by itself; `node bin/….ts` gets them, too.
 */
export const createApp = (): App =>
  new App({
    context: {
      ...cdkJson.context,
      'aws:cdk:enable-path-metadata': true,
      'aws:cdk:enable-asset-metadata': true,
    },
  })

/** The environment that the command line names with `-c env=…`, dev if none, and what else it says of the config. */
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
