import { IdempotencyAlreadyInProgressError } from '@aws-lambda-powertools/idempotency'
import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { createLock } from '../../../lambdas/runtime/lock.ts'
import { createDynamoDb } from '../dynamodb.ts'

const context = { getRemainingTimeInMillis: () => 20_000 } as Context

async function createLocks() {
  const db = await createDynamoDb()
  return { db, lock: createLock(db.client, { tableName: 'locks', expiresAfterSeconds: 3600 }) }
}

test('work is done under a lock that is written before and after it', async () => {
  const { db, lock } = await createLocks()

  await lock('order:CREATED', context, async () => expect(db.takeCalls()).toEqual(['PutItem']))

  expect(db.takeCalls()).toEqual(['UpdateItem'])
})

test('a lock whose answer was lost is not given to the repeat of its write: no work is done twice', async () => {
  const { db, lock } = await createLocks()
  db.loseAnswer('PutItem')
  let worked = 0

  const locking = lock('order:CREATED', context, async () => void worked++)

  await expect(locking).rejects.toThrow(IdempotencyAlreadyInProgressError)
  expect(worked).toBe(0)
})

test('a message that comes twice in one batch works once', async () => {
  const { lock } = await createLocks()
  let worked = 0
  const work = () =>
    lock('order:CREATED', context, async () => {
      worked++
    })

  const results = await Promise.allSettled([work(), work(), work()])

  expect(worked).toBe(1)
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
})

test('work that is done is not done again', async () => {
  const { lock } = await createLocks()
  let worked = 0

  for (let time = 0; time < 3; time++) await lock('order:CREATED', context, async () => void worked++)

  expect(worked).toBe(1)
})

test('work that failed gives the lock back', async () => {
  const { lock } = await createLocks()
  const failing = () => lock('order:CREATED', context, () => Promise.reject(new Error('Not now')))

  await expect(failing()).rejects.toThrow('Not now')
  await expect(failing()).rejects.toThrow('Not now')
})
