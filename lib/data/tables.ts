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

/** One item per order, and the indexes by which orders are found. */
export class OrderTable extends Table {
  readonly byOwnerIndexArn: string
  /** The sparse index of the orders that owe an event. */
  readonly outboxIndexArn: string
  /** The sparse index of the orders that are dead-lettered, until they are dealt with. */
  readonly deadLettersIndexArn: string

  constructor(scope: Construct, id: string, props: DataProps) {
    super(scope, id, {
      ...tableDefaults(props),
      partitionKey: key('orderId'),
      timeToLiveAttribute: 'expiresAt',
    })
    // Keys only: a change of status must not write to the one partition of an owner, which could throttle.
    this.addGlobalSecondaryIndex({
      indexName: 'byOwner',
      partitionKey: key('ownerId'),
      sortKey: key('createdAt'),
      projectionType: ProjectionType.KEYS_ONLY,
    })
    this.addGlobalSecondaryIndex({
      indexName: 'outbox',
      partitionKey: key('outboxPartition'),
      sortKey: key('outboxDueAt'),
      projectionType: ProjectionType.KEYS_ONLY,
    })
    // One partition a lane: no lane dead-letters more orders a second than its vendor takes.
    this.addGlobalSecondaryIndex({
      indexName: 'deadLetters',
      partitionKey: key('deadLetterLane'),
      sortKey: key('deadLetteredAt'),
      projectionType: ProjectionType.KEYS_ONLY,
    })
    this.byOwnerIndexArn = `${this.tableArn}/index/byOwner`
    this.outboxIndexArn = `${this.tableArn}/index/outbox`
    this.deadLettersIndexArn = `${this.tableArn}/index/deadLetters`
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
