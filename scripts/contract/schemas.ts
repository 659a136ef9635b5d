import * as z from 'zod/mini'
import { chain, placed } from '../../lambdas/domain/chain.ts'
import { orderIdPattern } from '../../lambdas/domain/identity.ts'
import { attention, maxTimelineEntries, shownOrder, timelineEntry } from '../../lambdas/domain/order.ts'
import * as request from '../../lambdas/domain/order-request.ts'
import * as answers from './answers.ts'
import {
  type DescribedSchema,
  describe,
  type FieldDocs,
  isJson,
  type Json,
  objectAt,
  withDescriptions,
} from './describe.ts'

const minorUnits = 'in minor units of the currency (cents for EUR, whole yen for JPY)'
const time = (description: string): FieldDocs => ({ description, format: 'date-time' })
const whole = (description: string): FieldDocs => ({ description, type: 'integer' })
const count = (description: string): FieldDocs => ({ description, type: 'integer', minimum: 0 })

const orderId: FieldDocs = { description: "The order's id.", pattern: orderIdPattern.source }
const currency: FieldDocs = {
  description: 'ISO 4217 code of the currency of every amount.',
  pattern: '^[A-Z]{3}$',
}
const total = count(`What the buyer pays, ${minorUnits}: items plus charges less discounts.`)
const step = `The step: ${chain.map((link) => `\`${link.step}\` asks the ${link.vendor}`).join(', ')}.`
const reason = 'Why, as a code such as `TIME_OUT` or `HTTP_503`, never the text of a vendor.'

/** Descriptions of the fields that a request and its order share. */
const requestFields = {
  reference:
    "The shop's own order number. A reference is one order of its shop, whatever the Idempotency-Key.",
  currency,
  customer: 'Who buys.',
  shippingAddress: 'Where the order goes.',
  items: 'What is bought, 1 to 100 lines.',
  charges: 'Tax, shipping and discounts, included in the total.',
  shippingService: "The carrier's service that the buyer chose, such as `express`.",
  metadata: "The shop's own notes: at most 20 short texts by name. They are returned unchanged.",
}
const customerFields = {
  name: 'Name of the person.',
  company: 'Name of the company, if a company buys.',
  email: 'For mail about the order.',
  phone: 'For calls about the order; any notation.',
}
const country = {
  description: 'ISO 3166-1 alpha-2 code of the country; XK is Kosovo.',
  pattern: '^[A-Z]{2}$',
}
const addressFields = {
  name: 'Recipient: a person or a company.',
  company: 'Company of the recipient.',
  phone: "The recipient's, for calls by the carrier; the buyer's where there is none.",
  email: "The recipient's, for mail by the carrier; the buyer's where there is none.",
  line1: 'Street and number, or what replaces them.',
  line2: 'Second line, such as a flat or a floor.',
  city: 'City, town or village.',
  region: 'State, province or county, where the country needs one.',
  postalCode: 'Postal code, where the country has them.',
  country,
}
const itemFields = {
  sku: "The shop's stock-keeping unit.",
  name: 'What it is, for people.',
  quantity: whole('How many.'),
  unitPrice: whole(`Price of one, ${minorUnits}.`),
  weightGrams: whole('Weight of one in grams: the carrier may price by it.'),
  dimensionsMm: 'Length, width and height of one, in millimetres.',
  hsCode: 'Its code in the Harmonized System, for customs.',
  originCountry: { ...country, description: 'ISO 3166-1 alpha-2 code of the country where it was made.' },
}
const chargeFields = {
  type: 'A `tax` or `shipping` charge must not be negative; a `discount` lowers the total whatever its sign.',
  amount: whole(`Amount, ${minorUnits}.`),
}

const orderFields = {
  ...requestFields,
  orderId,
  status: `${[placed, ...chain].map(({ status }) => status).join(' → ')}; CANCELLING while vendors undo what they made, and CANCELLED. Trouble is not a status but \`attention\`.`,
  total,
  createdAt: time('When the order was placed.'),
  updatedAt: time('When it last changed.'),
  awb: "The carrier's air waybill number, from AWB_GENERATED on.",
  facts: "What the vendors of the application's own steps answered, by name.",
  trackingUrl: 'Where the parcel can be followed, if the carrier provides it.',
  label: 'The label to print: its URL, and its format.',
  carrierService: 'The service that was bought, as the carrier calls it.',
  labelPrice: 'What the label costs, in minor units of its currency.',
  wmsReference: "The warehouse's number of the shipment, from READY_FOR_FULFILLMENT on.",
  attention: 'Set while the order is stuck.',
  timeline: {
    description: 'What happened to the order, oldest first.',
    minItems: 1,
    maxItems: maxTimelineEntries,
  },
}

const { customer: orderCustomer, shippingAddress: orderAddress, items, charges } = shownOrder().shape

/** The schema of a merge patch of an object: any of its fields, and null for optional ones. */
const patchOf = (schema: z.ZodMiniObject) =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(schema.shape).map(([name, field]) => [
        name,
        z.optional(field instanceof z.ZodMiniOptional ? z.nullable(field.def.innerType) : field),
      ]),
    ),
  )
const customerCorrection = patchOf(request.customer)
const addressCorrection = patchOf(request.shippingAddress)
const correction = z.strictObject({
  customer: z.optional(customerCorrection),
  shippingAddress: z.optional(addressCorrection),
  items: z.optional(request.items),
  shippingService: z.nullish(request.orderRequest.shape.shippingService),
})

/** The schemas of openapi.json, keyed by their names there. */
export const schemas: Record<string, DescribedSchema> = {
  OrderRequest: describe(
    request.orderRequest,
    'An order to be placed. Items plus charges less discounts must add up to a total between 0 and 9007199254740991. Unknown fields are refused. At most 128 KiB. White space around texts is trimmed, and fields that are null or empty texts count as absent; lengths are in Unicode code points.',
    { ...requestFields, metadata: { description: requestFields.metadata, maxProperties: 20 } },
  ),
  Customer: describe(request.customer, 'Who buys.', customerFields),
  ShippingAddress: describe(request.shippingAddress, 'Where an order goes.', addressFields),
  OrderCorrection: describe(
    correction,
    'What to correct: a merge patch (RFC 7396) of the request. Before the AWB: `customer`, `shippingAddress`, `shippingService`, and of the items everything but quantity and price; with it only `sku` and `name`. An array is replaced whole: send all items, with the quantities and prices that they have.',
    {
      customer: requestFields.customer,
      shippingAddress: requestFields.shippingAddress,
      items: 'All items.',
      shippingService: requestFields.shippingService,
    },
  ),
  CustomerCorrection: describe(customerCorrection, 'What to correct of who buys.', customerFields),
  AddressCorrection: describe(addressCorrection, 'What to correct of where an order goes.', addressFields),
  Item: describe(request.items._zod.def.element, 'One line of an order.', itemFields),
  Charge: describe(
    request.charges._zod.def.innerType._zod.def.element,
    'An amount added to the items, or subtracted.',
    chargeFields,
  ),
  OrderReceipt: describe(
    answers.receipt,
    'The answer to placing an order, the same each time the same order is placed.',
    {
      orderId,
      status: 'Always CREATED: GET the order to see its progress.',
      message: 'For people.',
      total,
      currency,
      createdAt: time('When the order was first placed.'),
    },
  ),
  Order: describe(shownOrder(), 'An order: the request, its status, and its history.', orderFields),
  ChangedOrder: describe(
    answers.changedOrder,
    'The order as it is now, or its id and status only, where the token may not read.',
    orderFields,
  ),
  // Stored orders keep what was accepted at the time, even if the limits of requests change.
  OrderCustomer: describe(orderCustomer, 'Who bought.', customerFields),
  OrderAddress: describe(orderAddress, 'Where the order goes.', addressFields),
  OrderItem: describe(items._zod.def.element, 'One line of the order.', itemFields),
  OrderCharge: describe(
    charges._zod.def.innerType._zod.def.element,
    'An amount added to the items, or subtracted.',
    chargeFields,
  ),
  Attention: describe(
    attention(),
    'Which step is stuck, why and since when, and whether it is retried, waits for a vendor, or needs a person.',
    {
      state: '`retrying` and `waiting` resolve themselves; `dead-lettered` waits for an operator.',
      step,
      reason,
      attempts: count('Failed attempts in this round.'),
      since: time('Since when.'),
      nextAttemptAt: time('When it is tried next, if it is retried.'),
    },
  ),
  TimelineEntry: describe(timelineEntry(), 'One thing that happened to an order.', {
    at: time('When.'),
    type: 'What happened: a status that the order reached, or an event between two statuses.',
    by: { description: 'Whose doing it is, where it is a person: the shop by this API, or an operator.' },
    step,
    from: 'The vendor that the order was taken from, where an operator gave it to another.',
    reason,
    attempt: count('The number of the attempt that failed.'),
    nextAttemptAt: time('When it is tried next, if it is retried.'),
  }),
  OrderPage: describe(answers.page, "One page of the caller's orders, newest first.", {
    orders: { description: 'The orders of this page.', maxItems: 100 },
    nextCursor: 'Pass it as `cursor` to get the next page; missing on the last one.',
  }),
  Problem: describe(answers.problem, 'What went wrong: RFC 9457 problem details.', {
    type: 'Always `about:blank`: the status says which kind of problem it is.',
    title: "The status's name.",
    status: whole('The HTTP status.'),
    detail: 'What went wrong in this case, for people.',
    instance: {
      description: "The request's id, as in the apigw-requestid header and our logs.",
      pattern: '^urn:request:',
    },
    errors: { description: 'Every invalid field, if fields are the problem.', minItems: 1 },
  }),
  FieldError: describe(answers.fieldError, 'An invalid field.', {
    path: 'Where it is, such as `items.0.quantity`; empty for the body as a whole; a header by its name.',
    message: 'What is wrong with it, for people.',
  }),
}

/** `components.schemas`: the JSON Schemas that zod derives, with descriptions. */
export function schemaComponents(): Json {
  const registry = z.registry<{ id?: string }>()
  for (const [id, { schema }] of Object.entries(schemas)) registry.add(schema, { id })
  // The input side closes strict objects (requests), and leaves responses open for new fields.
  const uri = (id: string) => `#/components/schemas/${id}`
  const derived = z.toJSONSchema(registry, { io: 'input', metadata: registry, uri }).schemas
  return Object.fromEntries(
    Object.entries(schemas).map(([id, docs]) => {
      const { $schema, $id, ...jsonSchema }: Json = { ...derived[id] }
      return [id, withDescriptions(withoutBlanks(jsonSchema), docs)]
    }),
  )
}

/** Forbids blank text where text must not be empty: zod trims white space before it checks the length. */
function withoutBlanks(jsonSchema: Json): Json {
  const properties = Object.entries(objectAt(jsonSchema, 'properties')).map(([name, property]) => {
    const isText = isJson(property) && property.minLength === 1 && !('pattern' in property)
    return [name, isText ? { ...property, pattern: '\\S' } : property]
  })
  return { ...jsonSchema, properties: Object.fromEntries(properties) }
}
