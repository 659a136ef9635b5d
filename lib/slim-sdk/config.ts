/**
 * Replaces `@smithy/core/config`: settings from the environment only, not from ~/.aws or EC2's metadata.
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
type Environment = NodeJS.ProcessEnv

interface Setting<Value> {
  environmentVariableSelector: (environment: Environment, options?: unknown) => Value | undefined
  default?: Value | (() => Value | Promise<Value>)
}

/** Reads one setting, once. */
export const loadConfig = <Value>(setting: Setting<Value>, options?: unknown) => {
  let value: Promise<Value | undefined> | undefined
  const load = async () => {
    const given = setting.environmentVariableSelector(process.env, options)
    if (given !== undefined) return given
    return setting.default instanceof Function ? setting.default() : setting.default
  }
  return () => {
    value ??= load()
    return value
  }
}

export const SelectorType = { ENV: 'env', CONFIG: 'shared config entry' } as const

/** @throws {Error} for what is neither true nor false */
export const booleanSelector = (from: Environment, key: string, type: string): boolean | undefined => {
  const value = from[key]
  if (value === undefined) return undefined
  if (value === 'true') return true
  if (value === 'false') return false
  throw new Error(`Cannot load ${type} "${key}". Expected "true" or "false", got ${value}.`)
}

const flag = (key: string): Setting<boolean> => ({
  environmentVariableSelector: (environment) => booleanSelector(environment, key, SelectorType.ENV),
  default: false,
})

export const NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS = flag('AWS_USE_DUALSTACK_ENDPOINT')
export const NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS = flag('AWS_USE_FIPS_ENDPOINT')
export const REGION_ENV_NAME = 'AWS_REGION'
export const REGION_INI_NAME = 'region'
export const NODE_REGION_CONFIG_FILE_OPTIONS = {}
export const NODE_REGION_CONFIG_OPTIONS: Setting<string> = {
  environmentVariableSelector: (environment) => environment[REGION_ENV_NAME],
  default: () => {
    throw new Error('Region is missing')
  },
}

/** Divides the sections of a config file: the SDK asks for it, though there is no file. */
export const CONFIG_PREFIX_SEPARATOR = '.'

/** Leaves out the old regions that mean FIPS, such as `fips-us-east-1`: no Lambda runs in them. */
export const resolveRegionConfig = <
  Config extends {
    region: string | (() => Promise<string>)
    useFipsEndpoint: boolean | (() => Promise<boolean>)
  },
>(
  config: Config,
) => {
  const { region, useFipsEndpoint } = config
  return Object.assign(config, {
    region: async () => (typeof region === 'function' ? region() : region),
    useFipsEndpoint: async () =>
      typeof useFipsEndpoint === 'function' ? useFipsEndpoint() : useFipsEndpoint,
  })
}

/** Leaves out `auto`, which would ask the metadata service. */
export const resolveDefaultsModeConfig =
  ({ defaultsMode }: { defaultsMode?: string | (() => Promise<string>) } = {}) =>
  async (): Promise<string> =>
    (typeof defaultsMode === 'function' ? await defaultsMode() : defaultsMode) ??
    process.env.AWS_DEFAULTS_MODE ??
    'legacy'

/** What the SDK throws for a setting that makes no sense. */
export class ProviderError extends Error {
  override name = 'ProviderError'
}
