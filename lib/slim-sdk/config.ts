import { fromStatic, memoize } from '@smithy/core/config'

/**
 * Replaces two functions of `@smithy/core/config`: settings from the environment only, not from ~/.aws or
 * EC2's metadata. https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
export * from '@smithy/core/config'

interface Setting<Value> {
  environmentVariableSelector: (environment: NodeJS.ProcessEnv, options?: unknown) => Value | undefined
  default: Value | (() => Value | Promise<Value>)
}

/** Reads one setting, once. */
export const loadConfig = <Value>(setting: Setting<Value>, options?: unknown) => {
  const fromEnvironment = async () => setting.environmentVariableSelector(process.env, options)
  const byDefault = fromStatic(setting.default)
  return memoize(async () => (await fromEnvironment()) ?? byDefault())
}

/** Supports neither `auto`, which would ask the metadata service, nor a client's own mode, which none of ours has. */
export const resolveDefaultsModeConfig = () => async () => process.env.AWS_DEFAULTS_MODE ?? 'legacy'
