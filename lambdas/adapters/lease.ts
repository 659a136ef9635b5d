import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { updateIf } from './conditional-update.ts'

/** A lease in an item of the lock table. An owner that dies gives it back when its time is over. */
export function createLease(client: DynamoDBDocumentClient, tableName: string, id: string) {
  const item = { TableName: tableName, Key: { id } }
  return {
    /** Takes the lease until a time (epoch ms), unless it is another's now. Answers whether it was taken. */
    async take(owner: string, now: number, until: number): Promise<boolean> {
      const { written } = await updateIf(client, {
        ...item,
        // `expiration` is the table's TTL, in epoch seconds.
        UpdateExpression: 'SET leaseOwner = :owner, leaseUntil = :until, expiration = :expiration',
        // The owner itself: the SDK's retry of a write whose answer was lost.
        ConditionExpression: 'attribute_not_exists(leaseOwner) OR leaseUntil < :now OR leaseOwner = :owner',
        ExpressionAttributeValues: {
          ':owner': owner,
          ':now': now,
          ':until': until,
          ':expiration': Math.ceil(until / 1000),
        },
      })
      return written
    },

    /** Gives the lease back, if it is still this owner's. */
    async release(owner: string): Promise<void> {
      await updateIf(client, {
        ...item,
        UpdateExpression: 'REMOVE leaseOwner, leaseUntil',
        ConditionExpression: 'leaseOwner = :owner',
        ExpressionAttributeValues: { ':owner': owner },
      })
    },
  }
}
export type Lease = ReturnType<typeof createLease>
