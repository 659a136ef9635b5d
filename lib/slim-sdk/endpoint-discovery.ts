/**
 * Stands in for `@aws-sdk/middleware-endpoint-discovery` in the bundles (see plugin.ts): DynamoDB discovers
 * endpoints only where it is asked to, and nobody asks.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoint-discovery.html
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: (): boolean | undefined => undefined,
  default: false,
}

export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config
