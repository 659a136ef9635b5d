/** A type as it looks in JSON: its fields, and which of them may be missing. */
type Wire<T> = T extends readonly (infer Element)[]
  ? Wire<Element>[]
  : T extends object
    ? {
        [Key in keyof T]-?: [
          Wire<Exclude<T[Key], undefined>>,
          undefined extends T[Key] ? 'or missing' : 'there',
        ]
      }
    : T

type Within<A, B> = [Wire<A>] extends [Wire<B>] ? true : false

/** Compares two types as JSON, field by field: `true`, or a sentence about the difference. */
export type SameJson<A, B> =
  Within<A, B> extends true
    ? Within<B, A> extends true
      ? true
      : 'a field of the first is missing or different in the second'
    : 'a field of the second is missing or different in the first'

/**
 * Fails to compile unless a statement about types is true.
 * @example export type Proof = Proven<SameJson<z.output<typeof schema>, ReturnType<typeof view>>>
 */
export type Proven<Statement extends true> = Statement
