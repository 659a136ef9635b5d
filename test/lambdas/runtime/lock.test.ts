import { expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import { createLock } from '../../../lambdas/runtime/lock.ts'
import { createDynamoDb } from '../dynamodb.ts'

const context = { getRemainingTimeInMillis: () => 20_000 } as Context

/** Locks on a table of their own; the response to the first write is lost, so that the SDK retries it. */
async function locksWithALostAnswer() {
  const db = await createDynamoDb()
  let isLost = true
  db.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'PutItemCommand' && isLost) {
          isLost = false
          await next(args)
        }
        return next(args)
      },
    { step: 'finalizeRequest', priority: 'low' },
  )
  return { db, lock: createLock(db.client, { tableName: 'locks', expiresAfterSeconds: 3600 }) }
}

test('a lock whose response was lost is recognized by the call that took it', async () => {
  const { db, lock } = await locksWithALostAnswer()
  let worked = 0

  await lock('order:CREATED', context, async () => void worked++)

  expect(worked).toBe(1)
  expect(db.takeCalls()).toEqual(['PutItem', 'PutItem', 'UpdateItem'])
})

test('a message that is in a batch twice does its work once, whichever response is lost', async () => {
  const { lock } = await locksWithALostAnswer()
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
  const { lock } = await locksWithALostAnswer()
  let worked = 0

  for (let time = 0; time < 3; time++) await lock('order:CREATED', context, async () => void worked++)

  expect(worked).toBe(1)
})

test('work that failed gives the lock back', async () => {
  const { lock } = await locksWithALostAnswer()
  const failing = () => lock('order:CREATED', context, () => Promise.reject(new Error('Not now')))

  await expect(failing()).rejects.toThrow('Not now')
  await expect(failing()).rejects.toThrow('Not now')
})
