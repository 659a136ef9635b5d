/**
 * Stands in for the SDK's adaptive retry mode in the bundles (see plugin.ts): it slows callers down, and a
 * buyer waits for us. AWS_RETRY_MODE=adaptive fails loudly instead of being ignored.
 */
export class AdaptiveRetryStrategy {
  constructor() {
    throw new Error('Adaptive retries are not in this bundle (lib/slim-sdk/adaptive-retry.ts).')
  }
}
