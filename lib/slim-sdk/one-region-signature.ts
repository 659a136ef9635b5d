/**
 * Stands in for `@aws-sdk/signature-v4-multi-region` in the bundles (see plugin.ts): only EventBridge's global
 * endpoints need signatures for more than one region, and we have one bus in one region.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-global-endpoints.html
 */
export { SignatureV4 as SignatureV4MultiRegion } from '@smithy/signature-v4'
