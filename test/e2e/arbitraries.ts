import fc from 'fast-check'
import * as z from 'zod'

const bounds = z.object({ minimum: z.number(), maximum: z.number() })
const strings = z.object({
  minLength: z.number().default(0),
  maxLength: z.number().default(100),
  enum: z.array(z.string()).optional(),
})
const objects = z.object({
  properties: z.record(z.string(), z.unknown()),
  required: z.array(z.string()).default([]),
})
const maps = z.object({
  propertyNames: z.unknown(),
  additionalProperties: z.unknown(),
  maxProperties: z.number(),
})
const arrays = z.object({ items: z.unknown(), minItems: z.number().default(0), maxItems: z.number() })
const typed = z.object({ type: z.enum(['object', 'array', 'string', 'integer']) })
const reference = z.object({ $ref: z.string() })

const isClean = (value: string): boolean =>
  value.isWellFormed() && !/\p{Control}|\p{Noncharacter_Code_Point}/u.test(value)
const isVisible = (value: string): boolean =>
  [...value].some((each) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(each) && !/\p{DI}/u.test(each))

/** Any character, and sometimes one that is not valid text. */
const character = fc.oneof(
  { weight: 2000, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter(isClean) },
  { weight: 1, arbitrary: fc.constantFrom('\ud83d', '\ude00', '\u0000', '\uffff') },
)

/** Text of any characters, including white space, that is not only white space. */
const text = (minLength: number, maxLength: number) =>
  fc
    .string({ unit: character, minLength, maxLength })
    .filter((value) => minLength === 0 || value.trim() !== '')

/** Keys that a record keeps: zod drops `__proto__`. */
const names = (allowed: fc.Arbitrary<unknown>) =>
  allowed.map(String).filter((name) => name.trim() !== '__proto__')

/**
 * Values that a JSON Schema allows, for the keywords that our requests use. `known` has arbitraries for fields, by name,
 * whose schema is less specific than we want.
 */
export function arbitraryOf(
  schema: unknown,
  schemas: Record<string, unknown>,
  known: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<unknown> {
  const of = (inner: unknown) => arbitraryOf(inner, schemas, known)
  const referred = reference.safeParse(schema).data?.$ref.split('/').at(-1)
  if (referred !== undefined) return of(schemas[referred])
  const map = maps.safeParse(schema).data
  if (map)
    return fc.dictionary(names(of(map.propertyNames)), of(map.additionalProperties), {
      maxKeys: map.maxProperties,
    })
  switch (typed.parse(schema).type) {
    case 'object': {
      const { properties, required } = objects.parse(schema)
      const fields = Object.entries(properties).map(
        ([name, field]) => [name, known[name] ?? of(field)] as const,
      )
      return fc.record(Object.fromEntries(fields), { requiredKeys: required })
    }
    case 'array': {
      const { items, minItems, maxItems } = arrays.parse(schema)
      return fc.array(of(items), { minLength: minItems, maxLength: maxItems })
    }
    case 'integer': {
      const { minimum, maximum } = bounds.parse(schema)
      return fc.integer({ min: minimum, max: maximum })
    }
    case 'string': {
      const { minLength, maxLength, enum: values } = strings.parse(schema)
      return values ? fc.constantFrom(...values) : text(minLength, maxLength)
    }
  }
}

/** Invalid values: wrong types, extremes, lone surrogates, deep nesting. */
const garbage = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    ...['', ' ', '\ud800', '\u0000', 'x'.repeat(5000), '__proto__', -1, 0, 0.5, 1e300, 2 ** 53],
    ...[null, true, [], {}, [[[[[[]]]]]], { constructor: null }],
  ),
)

/** The value with one change: a field dropped or added, or a value replaced. */
export const mutated = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(value, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), garbage, fc.nat(9))
    .map(([original, path, other, how]) => {
      const change = (at: unknown, [step = 0, ...rest]: number[]): unknown => {
        if (typeof at !== 'object' || at === null) return other
        if (Array.isArray(at))
          return at.length > 0 ? at.with(step % at.length, change(at[step % at.length], rest)) : [other]
        const entries = Object.entries(at)
        const chosen = entries[step % entries.length]
        if (chosen === undefined || (how === 0 && rest.length === 0)) return { ...at, surprise: other }
        const [name, inner] = chosen
        const { [name]: _dropped, ...others } = Object.fromEntries(entries)
        if (how === 1 && rest.length === 0) return others
        return { ...at, [name]: rest.length > 0 ? change(inner, rest) : other }
      }
      return change(original, path)
    })

/** An order's request as the API understands it: texts are trimmed and empty fields dropped. */
export function trimmed(value: unknown, isMetadata = false): unknown {
  if (typeof value === 'string') return isMetadata ? value : value.trim()
  if (Array.isArray(value)) return value.map((each) => trimmed(each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== '' && inner !== null)
      .map(([name, inner]) => [name, trimmed(inner, isMetadata || name === 'metadata')]),
  )
}

/** Whether all text in an order is valid Unicode and visible; metadata's values may be empty. */
export function isText(value: unknown, isMetadata = false): boolean {
  if (typeof value === 'string') return isClean(value) && (isMetadata || isVisible(value))
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(
    ([name, inner]) =>
      (!isMetadata || (isClean(name) && isVisible(name) && name === name.trim())) &&
      isText(inner, name === 'metadata'),
  )
}
