import * as z from 'zod/mini'

/** The value of a JSON text; undefined where it is none, which JSON itself cannot say. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A value, or undefined where it is missing or wrong. Not `z.catch`: it would add 10 KiB to every bundle. */
export const ifReadable = <Schema extends z.core.$ZodType>(schema: Schema) =>
  z.optional(
    z.pipe(
      z.unknown(),
      z.transform((value) => z.safeParse(schema, value).data),
    ),
  )

/** A vendor's number or name: trimmed, and of characters that a label can print. */
export const visibleText = (maximum: number) =>
  z.string().check(z.trim(), z.maxLength(maximum), z.regex(/^[^\p{C}\p{Z}](?:[^\p{C}]*[^\p{C}\p{Z}])?$/u))

/** An address that a browser may be sent to, percent-encoded: no `javascript:`, and nothing that cannot be seen. */
export const webUrl = () => z.url({ protocol: /^https?$/, normalize: true }).check(z.maxLength(1000))
