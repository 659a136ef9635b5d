import * as z from 'zod/mini'
import { type DetailType, detailTypes } from '../../lambdas/domain/chain.ts'
import { type EventDetail, eventDetails } from '../../lambdas/domain/event-details.ts'
import { eventOf, eventSource } from '../../lambdas/domain/events.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { type FieldDocs, type Json, objectAt, withDescriptions } from './describe.ts'
import { exampleOrders } from './example-orders.ts'
import type { Proven, SameJson } from './same-json.ts'

/** What each event means, and an example order that owes it. */
const publications: Record<DetailType, { what: string; example: Order }> = {
  ORDER_CREATED: { what: 'An order was placed.', example: exampleOrders.created },
  AWB_GENERATED: { what: 'The carrier accepted an order.', example: exampleOrders.shipping },
  READY_FOR_FULFILLMENT: { what: 'The warehouse will ship an order.', example: exampleOrders.ready },
  ORDER_CANCELLING: {
    what: 'An order is being cancelled, and a vendor is asked to undo its work: one event for each vendor.',
    example: exampleOrders.cancelling,
  },
  ORDER_CANCELLATION_REFUSED: {
    what: 'An order was to be cancelled, and goes on: a vendor said that it is too late.',
    example: exampleOrders.cancellationRefused,
  },
  ORDER_CANCELLED: { what: 'An order was cancelled.', example: exampleOrders.cancelled },
  ORDER_NEEDS_ATTENTION: {
    what: 'An order was dead-lettered: it does not go on without an operator.',
    example: exampleOrders.deadLettered,
  },
}

type Detail = ReturnType<typeof eventOf>['detail']
type KeysOf<Each> = Each extends unknown ? keyof Each : never
export type Proofs = [
  Proven<SameJson<EventDetail<DetailType>['metadata'], Detail['metadata']>>,
  // The fields of the events and of their schemas must be the same.
  Proven<keyof Detail['data'] extends KeysOf<EventDetail<DetailType>['data']> ? true : false>,
  Proven<EventDetail<DetailType>['data'] extends Partial<Detail['data']> ? true : false>,
]
type Attention = EventDetail<'ORDER_NEEDS_ATTENTION'>['data']['attention']

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
  ownerId: 'The owner of the order: the shop that the token which placed it names.',
  status: "The order's status.",
  lane: 'The vendor whose turn it is, by its name in the config; absent where none has to bring the order on.',
  reference: "The shop's own order number, if it has one.",
  total: 'What the buyer pays, in minor units of the currency (cents for EUR, whole yen for JPY).',
  currency: 'ISO 4217 code.',
  awb: "The carrier's air waybill number.",
  wmsReference: "The warehouse's number of the shipment.",
  attention: 'Why the order needs an operator.',
}

const attentionDocs: { [Field in keyof Attention]: FieldDocs } = {
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
  const { what, example } = publications[detailType]
  const { $schema, ...jsonSchema }: Json = {
    ...z.toJSONSchema(eventDetails[detailType], { io: 'input' }),
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

/** The JSON Schema of each event's detail, by detail-type. It allows unknown fields, because changes are additive. */
export const eventSchemas: Record<string, Json> = Object.fromEntries(
  detailTypes.map((detailType) => [detailType, eventSchema(detailType)]),
)
