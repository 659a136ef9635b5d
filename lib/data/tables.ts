import { AttributeType, BillingMode, ProjectionType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'

const key = (name: string) => ({ name, type: AttributeType.STRING })

/** A table's key and default properties. With `retainData` it is protected from deletion. */
export const tableProps = (partitionKey: string, { retainData }: { retainData: boolean }) =>
  ({
    partitionKey: key(partitionKey),
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: retainData,
  }) satisfies TableProps

/** The indexes of orders, with their partition and sort keys. All but the first are sparse. */
const indexes = {
  byOwner: ['ownerId', 'createdAt'],
  byAwb: ['awb', 'createdAt'],
  outbox: ['outboxPartition', 'outboxDueAt'],
  /** Sharded like the outbox, so that a vendor that refuses every order does not get clicks throttled. */
  deadLetters: ['deadLetterPartition', 'deadLetteredAt'],
} as const

/** One item per order, and its indexes. */
export class OrderTable extends Table {
  constructor(scope: Construct, id: string, props: { retainData: boolean }) {
    super(scope, id, { ...tableProps('orderId', props), timeToLiveAttribute: 'expiresAt' })
    // Keys only, so that a status change does not write to an owner's single partition, which could throttle.
    for (const [indexName, [hash, range]] of Object.entries(indexes))
      this.addGlobalSecondaryIndex({
        indexName,
        partitionKey: key(hash),
        sortKey: key(range),
        projectionType: ProjectionType.KEYS_ONLY,
      })
  }

  indexArn(name: keyof typeof indexes): string {
    return `${this.tableArn}/index/${name}`
  }
}
