import * as z from 'zod/mini'

/** Parses JSON. Returns undefined, which JSON cannot express, if the text is invalid. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A value, or undefined if it is missing or invalid. `z.catch` would add 10 KiB to every bundle. */
export const ifReadable = <Schema extends z.core.$ZodType>(schema: Schema) =>
  z.optional(
    z.pipe(
      z.unknown(),
      z.transform((value) => z.safeParse(schema, value).data),
    ),
  )

/** A vendor's number or name: trimmed, with only characters that a label can print. */
export const visibleText = (maximum: number) =>
  z.string().check(z.trim(), z.maxLength(maximum), z.regex(/^[^\p{C}\p{Z}](?:[^\p{C}]*[^\p{C}\p{Z}])?$/u))

/** A URL that is safe to open in a browser: http or https, percent-encoded, without invisible characters. */
export const webUrl = () => z.url({ protocol: /^https?$/, normalize: true }).check(z.maxLength(1000))
