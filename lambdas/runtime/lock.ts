import {
  IdempotencyConfig,
  IdempotencyItemAlreadyExistsError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency'
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb'
import type { IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Context } from 'aws-lambda'

/** Runs work under a lock of its key, unless it is finished already. Throws where another holds the lock. */
export type Lock = (key: string, context: Context, work: () => Promise<void>) => Promise<void>

/** Where locks are kept, and how long finished work is remembered. */
export interface LockOptions {
  tableName: string
  expiresAfterSeconds: number
  /** Whose locks they are, so that each has its own of one event; the function's, if not given. */
  keyPrefix?: string
}

/** Fractions of a millisecond that a double can tell apart in today's epoch ms. */
const partsOfAMs = 4096

/** Powertools' locks, but the SDK's retry of a write whose answer was lost recognizes its own record. */
class OwnLocks extends DynamoDBPersistenceLayer {
  #takings = 0

  /** A fraction of a millisecond tells this record from all others, also of the same batch. */
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

/** A lock by Powertools idempotency. Work that throws gives it back; work that returns is not done again. */
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
