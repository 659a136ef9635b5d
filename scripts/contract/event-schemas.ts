import * as z from 'zod/mini'
import { type DetailType, detailTypes, links, orderStatuses, stepNames } from '../../lambdas/domain/chain.ts'
import { eventOf, eventSource, type OrderEvent } from '../../lambdas/domain/events.ts'
import { orderIdPattern } from '../../lambdas/domain/identity.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { type FieldDocs, type Json, objectAt, withDescriptions } from './describe.ts'
import { exampleOrders } from './example-orders.ts'
import type { Proven, SameJson } from './wire.ts'

const metadata = z.object({
  eventId: z.string(),
  correlationId: z.string(),
  traceparent: z.string().check(z.regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)),
  occurredAt: z.string(),
  schemaVersion: z.literal(1),
})
const attention = z.object({ step: z.enum(stepNames), reason: z.string(), number: z.int().check(z.gte(1)) })
/** What any event may say. Each detail-type says a part of it, and some of that for certain. */
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
  AWB_GENERATED: publish('The carrier took an order on.', exampleOrders.shipping, {
    status: z.literal('AWB_GENERATED'),
    awb: z.string(),
  }),
  READY_FOR_FULFILLMENT: publish('The warehouse will ship an order.', exampleOrders.ready, {
    status: z.literal('READY_FOR_FULFILLMENT'),
    awb: z.string(),
    wmsReference: z.string(),
  }),
  ORDER_CANCELLED: publish('An order was called off.', exampleOrders.cancelled, {
    status: z.literal('CANCELLED'),
  }),
  ORDER_NEEDS_ATTENTION: publish(
    'An order goes no further without a person: it was dead-lettered.',
    exampleOrders.deadLettered,
    { status: z.enum(links.map(({ from }) => from)), awb, attention },
  ),
}

type Detail = OrderEvent['detail']
type DataOf<Type extends DetailType> = z.output<(typeof publications)[Type]['data']>
export type Proofs = [
  Proven<SameJson<z.output<typeof metadata>, Detail['metadata']>>,
  Proven<SameJson<z.output<typeof data>, Detail['data']>>,
  // None says what no event says.
  Proven<DataOf<DetailType> extends Detail['data'] ? true : false>,
]

const metadataDocs: { [Field in keyof Detail['metadata']]: FieldDocs } = {
  eventId: 'The same however often the event is sent: listeners dedupe by it.',
  correlationId:
    "The caller's own id of what this is part of, or the id of the request that placed the order.",
  traceparent: 'The trace of the order: https://www.w3.org/TR/trace-context/#traceparent-header',
  occurredAt: { description: 'When it happened, which may be long before it is heard.', format: 'date-time' },
  schemaVersion: 'Stays 1: changes are additive, or it is another detail-type.',
}

const dataDocs: { [Field in keyof Detail['data']]-?: FieldDocs } = {
  orderId: "The order's id.",
  ownerId: 'Whose order it is: the subject of the token that placed it.',
  status: 'Where the order stands.',
  reference: "The shop's own order number, where it gave one.",
  total: 'What the buyer pays, in minor units of the currency (cents for EUR, whole yen for JPY).',
  currency: 'ISO 4217 code.',
  awb: "The carrier's air waybill number.",
  wmsReference: "The warehouse's number of the shipment.",
  attention: 'What an operator has to look at.',
}

const attentionDocs: { [Field in keyof z.output<typeof attention>]: FieldDocs } = {
  step: 'The link of the chain that is stuck.',
  reason: 'Why, as a code.',
  number: 'Which dead-lettering of the order this is: 1 is its first.',
}

function dataSchema(jsonSchema: Json): Json {
  const described = withDescriptions(jsonSchema, {
    description: 'The order at that moment: no personal data. Listeners that need more read the order.',
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
        description: 'What is told of every event.',
        fields: metadataDocs,
      }),
      data: dataSchema(objectAt(properties, 'data')),
    },
    examples: [eventOf(example).detail],
  }
}

/** The JSON Schema of each event's detail, by detail-type. Open for fields to come: changes are additive. */
export const eventSchemas: Record<string, Json> = Object.fromEntries(
  detailTypes.map((detailType) => [detailType, eventSchema(detailType)]),
)
