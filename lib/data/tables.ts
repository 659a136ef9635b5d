import { AttributeType, BillingMode, ProjectionType, Table, type TableProps } from 'aws-cdk-lib/aws-dynamodb'
import type { Construct } from 'constructs'

/** How well a table is guarded. */
export interface DataProps {
  /** Refuse to delete the table. */
  retainData: boolean
}

const tableDefaults = ({ retainData }: DataProps) =>
  ({
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: retainData,
  }) satisfies Partial<TableProps>

const key = (name: string) => ({ name, type: AttributeType.STRING })

/** The indexes by which orders are found: their partition and sort keys. A sparse one holds orders only for a time. */
const indexes = {
  byOwner: ['ownerId', 'createdAt'],
  /** Sparse: the orders that owe an event. */
  outbox: ['outboxPartition', 'outboxDueAt'],
  /** Sparse: the dead-lettered orders, sharded like the outbox, so that a vendor that refuses all of them throttles no click. */
  deadLetters: ['deadLetterPartition', 'deadLetteredAt'],
} as const

/** One item per order, and its indexes. */
export class OrderTable extends Table {
  constructor(scope: Construct, id: string, props: DataProps) {
    super(scope, id, {
      ...tableDefaults(props),
      partitionKey: key('orderId'),
      timeToLiveAttribute: 'expiresAt',
    })
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

/** The workers' locks: Powertools idempotency records, which expire by themselves. */
export const idempotencyTable = (scope: Construct, id: string, props: DataProps): Table =>
  new Table(scope, id, {
    ...tableDefaults(props),
    partitionKey: key('id'),
    timeToLiveAttribute: 'expiration',
  })

/** One item per vendor: its circuit breaker. */
export const circuitBreakerTable = (scope: Construct, id: string, props: DataProps): Table =>
  new Table(scope, id, { ...tableDefaults(props), partitionKey: key('vendor') })
