import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency'
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Context } from 'aws-lambda'

/** How long a finished piece of work is remembered, in s. The order's status is the truth; this spares calls. */
const expiresAfterSeconds = 3600

/** Runs work under a lock of its key, unless it is finished already. Throws where another holds the lock. */
export type Lock = (key: string, context: Context, work: () => Promise<void>) => Promise<void>

/**
 * A lock by Powertools idempotency: concurrent and repeated deliveries do one piece of work. Work that throws
 * gives the lock back; work that returns is finished for good.
 */
export function createLock(client: DynamoDBClient, tableName: string): Lock {
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName, awsSdkV3Client: client })
  return async (key, context, work) => {
    const config = new IdempotencyConfig({ throwOnNoIdempotencyKey: true, expiresAfterSeconds })
    config.registerLambdaContext(context)
    const locked = makeIdempotent(
      async (_key: string) => {
        await work()
        return 'finished'
      },
      { persistenceStore, config, dataIndexArgument: 0 },
    )
    await locked(key)
  }
}
