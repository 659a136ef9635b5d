import * as z from 'zod/mini'
import type { FieldError } from '../domain/limits.ts'

/** The most field errors that a response lists. */
const maxErrors = 100

/** The field errors of a failed parse, with an entry for each unknown field. */
export function fieldErrors(error: z.core.$ZodError): FieldError[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'Unknown field' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  )
}

/** Why a request is refused. The last three come from the HTTP layer. */
export type RejectionKind =
  | ('invalid' | 'not-found' | 'conflict' | 'refused' | 'unavailable')
  | ('too-large' | 'wrong-type' | 'forbidden')

/** A refused request: nothing was done, and the message tells the caller why. */
export class Rejection extends Error {
  override name = 'Rejection'
  readonly kind: RejectionKind
  /** The invalid fields, if it is the request that is invalid. */
  readonly errors: FieldError[] | undefined

  constructor(kind: RejectionKind, message: string, errors?: FieldError[]) {
    super(message)
    this.kind = kind
    this.errors = errors?.slice(0, maxErrors)
  }
}

/** Parses a caller's input. Throws a Rejection that names every invalid field. */
export function accepted<Value>(schema: z.ZodMiniType<Value>, sent: unknown, message: string): Value {
  const parsed = z.safeParse(schema, sent)
  if (parsed.success) return parsed.data
  throw new Rejection('invalid', message, fieldErrors(parsed.error))
}

/** For an order that does not exist or belongs to another owner: the caller cannot tell which. */
export const orderNotFound = (orderId: string): Rejection =>
  new Rejection('not-found', `There is no order ${orderId.slice(0, 100)}.`)

/** For an order that does not meet its vendors' limits. */
export const unshippable = (errors: FieldError[]): Rejection =>
  new Rejection('invalid', 'The vendors that would ship this order cannot take it as it is.', errors)
