import * as z from 'zod/mini'

/** A vendor's number or name: trimmed, and of characters that a label can print. */
export const visibleText = (maximum: number) =>
  z
    .string()
    .check(
      z.trim(),
      z.minLength(1),
      z.maxLength(maximum),
      z.regex(/^[^\p{C}\p{Z}](?:[^\p{C}]*[^\p{C}\p{Z}])?$/u),
    )
