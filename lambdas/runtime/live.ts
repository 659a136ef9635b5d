import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/**
 * One call of ours may take so long, in ms, and is tried twice: what all the calls of an invocation take in
 * the worst case stays below its function's time-out.
 */
const clientDefaults = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true },
}

/** The real DynamoDB: plain, and with documents for items. */
export function liveDynamoDb(): { client: DynamoDBClient; documents: DynamoDBDocumentClient } {
  const client = new DynamoDBClient(clientDefaults)
  const documents = DynamoDBDocumentClient.from(client, {
    // A map with a key named `constructor`, as a shop's metadata may have, passes for an instance of a class.
    marshallOptions: { removeUndefinedValues: true, convertClassInstanceToMap: true },
  })
  return { client, documents }
}

export const liveEventBridge = (): EventBridgeClient => new EventBridgeClient(clientDefaults)
export const liveSqs = (): SQSClient => new SQSClient(clientDefaults)
export const liveSecretsManager = (): SecretsManagerClient => new SecretsManagerClient(clientDefaults)

/** The wall clock, in epoch ms. */
export const liveClock = (): number => Date.now()
