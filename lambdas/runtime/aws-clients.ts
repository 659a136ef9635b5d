import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/** Time-outs in ms: even if all calls of an invocation are slow, they stay below its function's time-out. */
const clientDefaults = {
  maxAttempts: 2,
  requestHandler: { requestTimeout: 1000, throwOnRequestTimeout: true },
}

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
    ...clientDefaults,
    requestHandler: { ...requestHandler, requestTimeout: publishMs / maxAttempts },
  })
}
export const createSqs = (): SQSClient => new SQSClient(clientDefaults)
export const createSecretsManager = (): SecretsManagerClient => new SecretsManagerClient(clientDefaults)

/** The wall clock, in epoch ms. */
export const systemClock = (): number => Date.now()
/** Waits, in ms. */
export const systemSleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
