import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/**
 * One call of ours may take so long, in ms, connecting and all, and is tried twice: what all the calls of an
 * invocation take in the worst case stays below its function's time-out.
 */
const clientDefaults = {
  maxAttempts: 2,
  requestHandler: { requestTimeout: 1000, throwOnRequestTimeout: true },
}

/**
 * Nobody changes the middleware of these clients after their first call, so that it is put together once for
 * each command and not for each call. DynamoDB's would not bear it: see lib/slim-sdk/document-client.ts.
 * https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/Package/-smithy-smithy-client/Interface/SmithyConfiguration/
 */
const plainDefaults = { ...clientDefaults, cacheMiddleware: true }

/** All the time that publishing may take, in ms: the buyer waits for it, and the relay sends what fails. */
const publishMs = 1400

/** The real DynamoDB: plain, and with documents for items. */
export function createDynamoDb(): { client: DynamoDBClient; documents: DynamoDBDocumentClient } {
  const client = new DynamoDBClient(clientDefaults)
  const documents = DynamoDBDocumentClient.from(client, {
    // A map with a key named `constructor`, as a shop's metadata may have, passes for an instance of a class.
    marshallOptions: { removeUndefinedValues: true, convertClassInstanceToMap: true },
  })
  return { client, documents }
}

export const createEventBridge = (): EventBridgeClient => {
  const { maxAttempts, requestHandler } = clientDefaults
  return new EventBridgeClient({
    ...plainDefaults,
    requestHandler: { ...requestHandler, requestTimeout: publishMs / maxAttempts },
  })
}
export const createSqs = (): SQSClient => new SQSClient(plainDefaults)
export const createSecretsManager = (): SecretsManagerClient => new SecretsManagerClient(plainDefaults)

/** The wall clock, in epoch ms. */
export const systemClock = (): number => Date.now()
