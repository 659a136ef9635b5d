import type { DynamoDbModel } from '../models/dynamodb.ts'
import type { Item } from '../models/expressions.ts'

const textOf = (value: Item[string] | undefined): string => (value && 'S' in value ? value.S : '')

/** When the relay runs: every so often, but for those runs that would find nothing due. */
export class RelaySchedule {
  readonly #dynamoDb: DynamoDbModel
  readonly #intervalMs: number
  #ranAt = 0
  /** What the outbox index shows, as of a revision of it: which partitions, and when the earliest is due. */
  #outbox = { revision: 0, partitions: new Set<string>(), dueAt: undefined as number | undefined }

  constructor(dynamoDb: DynamoDbModel, intervalMs: number) {
    this.#dynamoDb = dynamoDb
    this.#intervalMs = intervalMs
  }

  /** Whether the index shows anything in a partition. */
  holds(partition: string): boolean {
    this.#read()
    return this.#outbox.partitions.has(partition)
  }

  /** The next run that finds something due, if there is anything in the outbox. */
  next(now: number): number | undefined {
    this.#read()
    const { dueAt } = this.#outbox
    if (dueAt === undefined) return undefined
    return Math.ceil(Math.max(dueAt, this.#ranAt + 1, now) / this.#intervalMs) * this.#intervalMs
  }

  ran(at: number): void {
    this.#ranAt = at
  }

  #read(): void {
    const { revision } = this.#dynamoDb
    if (this.#outbox.revision === revision) return
    const partitions = new Set<string>()
    let first: string | undefined
    for (const { outboxDueAt, outboxPartition } of this.#dynamoDb.view('orders', 'outbox').values()) {
      partitions.add(textOf(outboxPartition))
      const dueAt = textOf(outboxDueAt)
      if (first === undefined || dueAt < first) first = dueAt
    }
    this.#outbox = { revision, partitions, dueAt: first === undefined ? undefined : Date.parse(first) }
  }
}
