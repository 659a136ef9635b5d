import { beforeEach, describe, expect, test } from '@jest/globals'
import { createLease, type Lease } from '../../../lambdas/adapters/lease.ts'
import { t0 } from '../../builders.ts'
import { createDynamoDb, type DynamoDb } from '../dynamodb.ts'

let db: DynamoDb
let lease: Lease
beforeEach(async () => {
  db = await createDynamoDb()
  lease = createLease(db.documents, 'locks', 'work')
})

describe('a lease', () => {
  test('is taken by one owner, by one call', async () => {
    expect(await lease.take('a', t0, t0 + 1000)).toBe(true)

    expect(db.takeCalls()).toEqual(['UpdateItem'])
    expect(await lease.take('b', t0 + 1000, t0 + 2000)).toBe(false)
  })

  test('is taken even if the SDK retries the write', async () => {
    await lease.take('a', t0, t0 + 1000)

    expect(await lease.take('a', t0, t0 + 1000)).toBe(true)
  })

  test('is over when its time is', async () => {
    await lease.take('a', t0, t0 + 1000)

    expect(await lease.take('b', t0 + 1001, t0 + 2000)).toBe(true)
  })

  test('is free again once it was given back', async () => {
    await lease.take('a', t0, t0 + 1000)
    await lease.release('a')

    expect(await lease.take('b', t0, t0 + 1000)).toBe(true)
  })

  test('is not given back by an owner that has lost it', async () => {
    await lease.take('a', t0, t0 + 1000)
    await lease.take('b', t0 + 1001, t0 + 2000)
    await lease.release('a')

    expect(await lease.take('c', t0 + 1002, t0 + 2000)).toBe(false)
  })

  test('is of no concern to another', async () => {
    await lease.take('a', t0, t0 + 1000)

    expect(await createLease(db.documents, 'locks', 'other work').take('b', t0, t0 + 1000)).toBe(true)
  })

  test('leaves an item that DynamoDB deletes by itself', async () => {
    await lease.take('a', t0, t0 + 1500)

    expect(await db.read('locks', { id: 'work' })).toMatchObject({ expiration: t0 / 1000 + 2 })
  })
})
