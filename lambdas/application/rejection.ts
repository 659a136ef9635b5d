import * as z from 'zod/mini'

/** A field that is wrong: its path, such as `items.0.quantity`, and what is wrong with it. */
export interface FieldError {
  path: string
  message: string
}

/** The most wrong fields that an answer lists. */
const maxErrors = 100

/** The wrong fields of a failed parse, unknown ones one by one. */
export function fieldErrors(error: z.core.$ZodError): FieldError[] {
  const errors = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'Unknown field' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  )
  return errors.slice(0, maxErrors)
}

/** Why a request is refused before a use case sees it. */
type Unacceptable = 'too-large' | 'wrong-type' | 'forbidden'
/** Why a request is refused. */
export type RejectionKind = Unacceptable | 'invalid' | 'not-found' | 'conflict' | 'refused' | 'unavailable'

/** Nothing was done; the message tells the caller why. */
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

/** Parses what a caller sent. Throws a Rejection that names every wrong field. */
export function accepted<Value>(schema: z.ZodMiniType<Value>, sent: unknown, message: string): Value {
  const parsed = z.safeParse(schema, sent)
  if (parsed.success) return parsed.data
  throw new Rejection('invalid', message, fieldErrors(parsed.error))
}

/** An order that does not exist, or is another owner's: the answer does not tell which. */
export const orderNotFound = (orderId: string): Rejection =>
  new Rejection('not-found', `There is no order ${orderId.slice(0, 100)}.`)
