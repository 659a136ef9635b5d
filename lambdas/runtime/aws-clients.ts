import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/** Time-outs in ms, so short that an invocation stays below its function's time-out even if all calls are slow. */
const clientDefaults = {
  maxAttempts: 2,
  requestHandler: { requestTimeout: 1000, throwOnRequestTimeout: true },
}

/** The most that publishing may take, in ms: the buyer waits for it, and the relay sends what fails. */
const publishMs = 1400

/** A plain DynamoDB client, and a document client on top of it. */
export function createDynamoDb(): { client: DynamoDBClient; documents: DynamoDBDocumentClient } {
  const client = new DynamoDBClient(clientDefaults)
  const documents = DynamoDBDocumentClient.from(client, {
    // The marshaller takes an object with the key `constructor`, as metadata may have, for a class instance.
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
export const systemSleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
