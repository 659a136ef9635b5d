import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '@aws-lambda-powertools/logger'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { createHandler } from './handler.ts'
import { createVendorStore } from './store.ts'

const environment = z.object({
  VENDOR_NAME: z.string(),
  STEP: z.enum(['logistics', 'wms']),
  TABLE_NAME: z.string(),
  VENDOR_SECRET_ARN: z.string(),
})
const parsed = environment.safeParse(process.env)
if (!parsed.success) throw new Error(`The function's environment is wrong: ${z.prettifyError(parsed.error)}`)
const { VENDOR_NAME, STEP, TABLE_NAME, VENDOR_SECRET_ARN } = parsed.data
const secrets = new SecretsManagerClient()
const logger = new Logger()
const now = Date.now

let known: { value: string; readAt: number } | undefined
async function credential(since: number): Promise<string> {
  if (known === undefined || known.readAt < since) {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: VENDOR_SECRET_ARN }))
    if (!SecretString) throw new Error("The vendor's secret is empty")
    known = { value: SecretString, readAt: now() }
  }
  return known.value
}

// No SDK retries: if a write's response is lost, a retry could do the work twice, so the caller gets a 5xx.
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 1 }))

/** The function that simulates a vendor of the contract on AWS. */
export const handler = createHandler({
  step: STEP,
  store: createVendorStore(documents, { tableName: TABLE_NAME, vendor: VENDOR_NAME, now }),
  credential,
  now,
  sleep,
  log: (message, fields) => logger.info(message, { vendor: VENDOR_NAME, ...fields }),
})
