import { AttributeType, BillingMode, ProjectionType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'

const key = (name: string) => ({ name, type: AttributeType.STRING })

/** A table's defaults, and its key. With `retainData` it refuses to be deleted. */
export const tableProps = (partitionKey: string, { retainData }: { retainData: boolean }) =>
  ({
    partitionKey: key(partitionKey),
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: retainData,
  }) satisfies TableProps

/** The indexes by which orders are found: their partition and sort keys. All but the first hold only orders that have these. */
const indexes = {
  byOwner: ['ownerId', 'createdAt'],
  byAwb: ['awb', 'createdAt'],
  outbox: ['outboxPartition', 'outboxDueAt'],
  /** Sharded like the outbox, so that a vendor that refuses all of them throttles no click. */
  deadLetters: ['deadLetterPartition', 'deadLetteredAt'],
} as const

/** One item per order, and its indexes. */
export class OrderTable extends Table {
  constructor(scope: Construct, id: string, props: { retainData: boolean }) {
    super(scope, id, { ...tableProps('orderId', props), timeToLiveAttribute: 'expiresAt' })
    // Keys only: a change of status must not write to the one partition of an owner, which could throttle.
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
