import {
  IdempotencyConfig,
  IdempotencyItemAlreadyExistsError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency'
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb'
import type { IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Context } from 'aws-lambda'

/** Runs work under a lock on a key, unless that work has already finished. Throws if another holds the lock. */
export type Lock = (key: string, context: Context, work: () => Promise<void>) => Promise<void>

/** Where locks are kept, and how long finished work is remembered. */
export interface LockOptions {
  tableName: string
  expiresAfterSeconds: number
  /** Separates the locks of different consumers of one event. Default: the function's name. */
  keyPrefix?: string
}

/** How many fractions of a millisecond a double can represent in today's epoch ms. */
const partsOfAMs = 4096

/** Powertools' locks, except that the SDK's retry of a write whose response was lost recognizes its own record. */
class OwnLocks extends DynamoDBPersistenceLayer {
  #takings = 0

  /** Adds a fraction of a millisecond that tells this record from all others, even in the same batch. */
  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    this.#takings = (this.#takings + 1) % partsOfAMs
    const until = Math.floor(record.inProgressExpiryTimestamp ?? 0) + this.#takings / partsOfAMs
    record.inProgressExpiryTimestamp = until
    try {
      await super._putRecord(record)
    } catch (error) {
      const found = error instanceof IdempotencyItemAlreadyExistsError ? error.existingRecord : undefined
      if (found?.inProgressExpiryTimestamp !== until) throw error
    }
  }
}

/** A lock by Powertools idempotency. It is released if the work throws; work that returns is not repeated. */
export function createLock(client: DynamoDBClient, options: LockOptions): Lock {
  const { tableName, expiresAfterSeconds, keyPrefix } = options
  const persistenceStore = new OwnLocks({ tableName, awsSdkV3Client: client })
  return async (key, context, work) => {
    const config = new IdempotencyConfig({ throwOnNoIdempotencyKey: true, expiresAfterSeconds })
    config.registerLambdaContext(context)
    const locked = makeIdempotent(
      async (_key: string) => {
        await work()
        return 'finished'
      },
      { persistenceStore, config, dataIndexArgument: 0, ...(keyPrefix && { keyPrefix }) },
    )
    await locked(key)
  }
}
