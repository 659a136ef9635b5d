/** Replaces `@aws-sdk/middleware-endpoint-discovery`: no command of DynamoDB discovers its endpoint any more. */
export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config

/** An environment variable that is not read: nothing would act on it. */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = { environmentVariableSelector: () => undefined }
