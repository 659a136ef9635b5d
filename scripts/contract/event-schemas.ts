import * as z from 'zod/mini'
import { type DetailType, detailTypes, links, orderStatuses, stepNames } from '../../lambdas/domain/chain.ts'
import { eventOf, eventSource, type OrderEvent } from '../../lambdas/domain/events.ts'
import { orderIdPattern } from '../../lambdas/domain/identity.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { type FieldDocs, type Json, objectAt, withDescriptions } from './describe.ts'
import { exampleOrders } from './example-orders.ts'
import type { Proven, SameJson } from './same-json.ts'

const metadata = z.object({
  eventId: z.string(),
  correlationId: z.string(),
  traceparent: z.string().check(z.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)),
  occurredAt: z.string(),
  schemaVersion: z.literal(1),
})
const attention = z.object({ step: z.enum(stepNames), reason: z.string(), number: z.int().check(z.gte(1)) })
/** The data of all events. Each detail-type has some of the fields, and requires some of those. */
const data = z.object({
  orderId: z.string().check(z.regex(orderIdPattern)),
  ownerId: z.string(),
  status: z.enum(orderStatuses),
  reference: z.optional(z.string()),
  total: z.int().check(z.gte(0)),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/)),
  awb: z.optional(z.string()),
  wmsReference: z.optional(z.string()),
  attention: z.optional(attention),
})
const { awb, wmsReference, attention: _attention, ...always } = data.shape

/** @param example an order that owes this event */
const publish = <Shape extends z.core.$ZodShape>(what: string, example: Order, shape: Shape) => ({
  what,
  example,
  data: z.extend(z.object(always), shape),
})

/** The detail of each event that we publish, by detail-type. */
const publications = {
  ORDER_CREATED: publish('An order was placed.', exampleOrders.created, {
    status: z.literal('CREATED'),
  }),
  AWB_GENERATED: publish('The carrier accepted an order.', exampleOrders.shipping, {
    status: z.literal('AWB_GENERATED'),
    awb: z.string(),
  }),
  READY_FOR_FULFILLMENT: publish('The warehouse will ship an order.', exampleOrders.ready, {
    status: z.literal('READY_FOR_FULFILLMENT'),
    awb: z.string(),
    wmsReference: z.string(),
  }),
  ORDER_CANCELLED: publish('An order was cancelled.', exampleOrders.cancelled, {
    status: z.literal('CANCELLED'),
  }),
  ORDER_NEEDS_ATTENTION: publish(
    'An order was dead-lettered: it does not go on without an operator.',
    exampleOrders.deadLettered,
    { status: z.enum(links.map(({ from }) => from)), awb, attention },
  ),
}

type Detail = OrderEvent['detail']
type DataOf<Type extends DetailType> = z.output<(typeof publications)[Type]['data']>
export type Proofs = [
  Proven<SameJson<z.output<typeof metadata>, Detail['metadata']>>,
  Proven<SameJson<z.output<typeof data>, Detail['data']>>,
  // No detail-type has a field that no event has.
  Proven<DataOf<DetailType> extends Detail['data'] ? true : false>,
]

const metadataDocs: { [Field in keyof Detail['metadata']]: FieldDocs } = {
  eventId: 'The same each time the event is sent: listeners deduplicate by it.',
  correlationId:
    "The caller's own id for the process that this is part of, or the id of the request that placed the order.",
  traceparent: 'The trace of the order: https://www.w3.org/TR/trace-context/#traceparent-header',
  occurredAt: {
    description: 'When it happened, which may be long before it is received.',
    format: 'date-time',
  },
  schemaVersion: 'Always 1: changes are additive, or get another detail-type.',
}

const dataDocs: { [Field in keyof Detail['data']]-?: FieldDocs } = {
  orderId: "The order's id.",
  ownerId: 'The owner of the order: the subject of the token that placed it.',
  status: "The order's status.",
  reference: "The shop's own order number, if it has one.",
  total: 'What the buyer pays, in minor units of the currency (cents for EUR, whole yen for JPY).',
  currency: 'ISO 4217 code.',
  awb: "The carrier's air waybill number.",
  wmsReference: "The warehouse's number of the shipment.",
  attention: 'Why the order needs an operator.',
}

const attentionDocs: { [Field in keyof z.output<typeof attention>]: FieldDocs } = {
  step: 'The step that is stuck.',
  reason: 'Why, as a code.',
  number: 'The number of this dead-lettering of the order, from 1.',
}

function dataSchema(jsonSchema: Json): Json {
  const described = withDescriptions(jsonSchema, {
    description: 'The order at that moment, without personal data. Listeners that need more read the order.',
    fields: dataDocs,
  })
  const properties = objectAt(described, 'properties')
  if (properties.attention === undefined) return described
  const { description } = objectAt(properties, 'attention')
  const stuck = withDescriptions(objectAt(properties, 'attention'), {
    description: String(description),
    fields: attentionDocs,
  })
  return { ...described, properties: { ...properties, attention: stuck } }
}

function eventSchema(detailType: DetailType): Json {
  const { what, data: dataOfType, example } = publications[detailType]
  const { $schema, ...jsonSchema }: Json = {
    ...z.toJSONSchema(z.object({ metadata, data: dataOfType }), { io: 'input' }),
  }
  const properties = objectAt(jsonSchema, 'properties')
  return {
    $schema,
    $id: `urn:create-order:event:${detailType}`,
    title: detailType,
    description: `${what} The detail of an event with source "${eventSource}" and detail-type "${detailType}".`,
    ...jsonSchema,
    properties: {
      metadata: withDescriptions(objectAt(properties, 'metadata'), {
        description: 'The same fields for every event.',
        fields: metadataDocs,
      }),
      data: dataSchema(objectAt(properties, 'data')),
    },
    examples: [eventOf(example).detail],
  }
}

/** The JSON Schema of each event's detail, by detail-type. Open for new fields: changes are additive. */
export const eventSchemas: Record<string, Json> = Object.fromEntries(
  detailTypes.map((detailType) => [detailType, eventSchema(detailType)]),
)
