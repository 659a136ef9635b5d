import * as z from 'zod/mini'
import type { FieldError } from '../domain/limits.ts'

/** The most wrong fields that an answer lists. */
const maxErrors = 100

/** The wrong fields of a failed parse, unknown ones one by one. */
export function fieldErrors(error: z.core.$ZodError): FieldError[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'Unknown field' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  )
}

/** Why a request is refused; the last three before a use case sees it. */
export type RejectionKind =
  | ('invalid' | 'not-found' | 'conflict' | 'refused' | 'unavailable')
  | ('too-large' | 'wrong-type' | 'forbidden')

/** Nothing was done; the message tells the caller why. */
export class Rejection extends Error {
  override name = 'Rejection'
  readonly kind: RejectionKind
  /** The wrong fields, where it is the request that is wrong. */
  readonly errors: FieldError[] | undefined

  constructor(kind: RejectionKind, message: string, errors?: FieldError[]) {
    super(message)
    this.kind = kind
    this.errors = errors?.slice(0, maxErrors)
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

/** An order that its vendors cannot take as it is. */
export const unshippable = (errors: FieldError[]): Rejection =>
  new Rejection('invalid', 'The vendors that would ship this order cannot take it as it is.', errors)
