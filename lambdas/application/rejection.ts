/** A field that is wrong: its path, such as `items.0.quantity`, and what is wrong with it. */
export interface FieldError {
  path: string
  message: string
}

/** Why a use case refuses. */
export type RejectionKind = 'invalid' | 'not-found' | 'conflict' | 'key-reused' | 'unavailable'

/** A use case did nothing; the message tells the caller why. */
export class Rejection extends Error {
  override name = 'Rejection'
  readonly kind: RejectionKind
  /** The wrong fields, where it is the request that is wrong. */
  readonly errors: FieldError[] | undefined

  constructor(kind: RejectionKind, message: string, errors?: FieldError[]) {
    super(message)
    this.kind = kind
    this.errors = errors
  }
}

/** An order that does not exist, or is another owner's: the answer does not tell which. */
export const orderNotFound = (orderId: string): Rejection =>
  new Rejection('not-found', `There is no order ${orderId.slice(0, 100)}.`)
