/** Replaces what none of our calls use: event streams, which would load zlib, and endpoint discovery. */
const leftOut = (): never => {
  throw new Error('This is not in the bundle (lib/slim-sdk/left-out.ts).')
}
export const EventStreamSerde = leftOut
export const eventStreamSerdeProvider = leftOut

export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = { environmentVariableSelector: () => undefined }
