/** A type as its JSON carries it: which fields there are, and which of them may be missing. */
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

/** Whether two types are the same JSON, field by field: `true`, or a sentence on where they differ. */
export type SameJson<A, B> =
  Within<A, B> extends true
    ? Within<B, A> extends true
      ? true
      : 'the second lacks, or has otherwise, what the first has'
    : 'the first lacks, or has otherwise, what the second has'

/**
 * Has the compiler hold what is said of types.
 * @example export type Proof = Proven<SameJson<z.output<typeof schema>, ReturnType<typeof view>>>
 */
export type Proven<Statement extends true> = Statement
