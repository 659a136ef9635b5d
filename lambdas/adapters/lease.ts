import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'

/** A lease in an item of the lock table. An owner that dies gives it back when its time is over. */
export function createLease(client: DynamoDBDocumentClient, tableName: string, id: string) {
  async function write(
    UpdateExpression: string,
    ConditionExpression: string,
    ExpressionAttributeValues: Record<string, unknown>,
  ): Promise<boolean> {
    try {
      await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { id },
          UpdateExpression,
          ConditionExpression,
          ExpressionAttributeValues,
        }),
      )
      return true
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
      return false
    }
  }

  return {
    /** Takes the lease until a time (epoch ms), unless it is another's now. Answers whether it was taken. */
    take: (owner: string, now: number, until: number): Promise<boolean> =>
      write(
        // `expiration` is the table's TTL, in epoch seconds.
        'SET leaseOwner = :owner, leaseUntil = :until, expiration = :expiration',
        // The owner itself: the SDK's retry of a write whose answer was lost.
        'attribute_not_exists(leaseOwner) OR leaseUntil < :now OR leaseOwner = :owner',
        { ':owner': owner, ':now': now, ':until': until, ':expiration': Math.ceil(until / 1000) },
      ),
    /** Gives the lease back, if it is still this owner's. */
    async release(owner: string): Promise<void> {
      await write('REMOVE leaseOwner, leaseUntil', 'leaseOwner = :owner', { ':owner': owner })
    },
  }
}
/** See {@link createLease}. */
export type Lease = ReturnType<typeof createLease>
