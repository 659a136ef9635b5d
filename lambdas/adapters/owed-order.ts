import * as z from 'zod/mini'
import { outboxTrouble } from '../domain/order.ts'
import { outboxEntry } from './outbox-marks.ts'

/** A value, or undefined where it is missing or wrong. Not `z.catch`: it would add 10 KiB to every bundle. */
const ifReadable = <Schema extends z.core.$ZodType>(schema: Schema) =>
  z.optional(
    z.pipe(
      z.unknown(),
      z.transform((value) => z.safeParse(schema, value).data),
    ),
  )

const owed = z.object({
  ...outboxEntry.shape,
  outboxEventId: ifReadable(z.string()),
  outboxSends: ifReadable(z.number()),
  outboxTrouble: ifReadable(outboxTrouble),
})
/** What the relay must know of an order that owes an event, even if the rest of its item is unreadable. */
export type Owed = z.output<typeof owed>
/** The readable part of an unreadable item; undefined where it owes nothing. */
export const owedBy = (item: unknown): Owed | undefined => z.safeParse(owed, item).data
