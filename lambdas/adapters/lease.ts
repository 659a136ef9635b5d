import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { updateIf } from './conditional-update.ts'

/** A lease stored in the lock table. If its owner dies, it expires by itself. */
export function createLease(client: DynamoDBDocumentClient, tableName: string, id: string) {
  const item = { TableName: tableName, Key: { id } }
  return {
    /** Takes the lease until `until` (epoch ms) unless another owner holds it. Returns whether it was taken. */
    async take(owner: string, now: number, until: number): Promise<boolean> {
      const { written } = await updateIf(client, {
        ...item,
        // `expiration` is the table's TTL, in epoch seconds.
        UpdateExpression: 'SET leaseOwner = :owner, leaseUntil = :until, expiration = :expiration',
        // Accepting the owner itself covers the SDK's retry of a write whose response was lost.
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

    /** Releases the lease if this owner still holds it. */
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
