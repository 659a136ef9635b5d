import * as z from 'zod/mini'
import { type DetailType, links, type OwnStatus, orderStatuses, stepNames } from './chain.ts'
import { orderIdPattern } from './identity.ts'
import { ownSteps } from './own-steps.ts'

/** Metadata of every event. `eventId` stays the same when it is sent again, so that listeners can deduplicate. */
const metadata = z.object({
  eventId: z.string(),
  correlationId: z.string(),
  traceparent: z.string().check(z.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)),
  occurredAt: z.string(),
  schemaVersion: z.literal(1),
})

const order = z.object({
  orderId: z.string().check(z.regex(orderIdPattern)),
  ownerId: z.string(),
  status: z.enum(orderStatuses),
  lane: z.optional(z.string()),
  reference: z.optional(z.string()),
  total: z.int().check(z.gte(0)),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/)),
})
const attention = z.object({ step: z.enum(stepNames), reason: z.string(), number: z.int().check(z.gte(1)) })

const detailWith = <Shape extends z.core.$ZodShape>(certain: Shape) =>
  z.object({ metadata, data: z.extend(order, certain) })

/** The detail of each event as its consumers read it, by detail-type. Unknown fields are ignored, so more can be added. */
export const eventDetails = {
  ORDER_CREATED: detailWith({ status: z.literal('CREATED') }),
  AWB_GENERATED: detailWith({ status: z.literal('AWB_GENERATED'), awb: z.string() }),
  READY_FOR_FULFILLMENT: detailWith({
    status: z.literal('READY_FOR_FULFILLMENT'),
    awb: z.string(),
    wmsReference: z.string(),
  }),
  ORDER_CANCELLING: detailWith({ status: z.literal('CANCELLING'), lane: z.string() }),
  ORDER_CANCELLED: detailWith({ status: z.literal('CANCELLED') }),
  ORDER_CANCELLATION_REFUSED: detailWith({}),
  ORDER_NEEDS_ATTENTION: detailWith({
    status: z.enum([...links.map(({ from }) => from), 'CANCELLING']),
    awb: z.optional(z.string()),
    attention,
  }),
} satisfies Record<Exclude<DetailType, OwnStatus>, z.ZodMiniType>

const ofOwnStep = detailWith({ awb: z.optional(z.string()) })

/** The detail of one event. */
export type EventDetail<Type extends DetailType> = z.output<
  Type extends keyof typeof eventDetails ? (typeof eventDetails)[Type] : typeof ofOwnStep
>

const schemas: { [Type in DetailType]?: z.ZodMiniType<EventDetail<Type>> } = {
  ...eventDetails,
  ...Object.fromEntries(ownSteps().map(({ status }) => [status, ofOwnStep])),
}

/** Parses the detail of an event; undefined if it does not match its detail-type. */
export function parseEventDetail<Type extends DetailType>(
  type: Type,
  detail: unknown,
): EventDetail<Type> | undefined {
  const schema: z.ZodMiniType<EventDetail<Type>> | undefined = schemas[type]
  return schema && z.safeParse(schema, detail).data
}
