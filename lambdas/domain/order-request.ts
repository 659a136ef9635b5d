import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'
import { isCountry, isCurrency } from './iso-codes.ts'

// zod/mini comes without messages; one locale is 2 KiB, all of them are 264.
z.config(en())

/** Largest request body in bytes. One DynamoDB item holds it all, and may hold 400 KB. */
export const maxBodyBytes = 128 * 1024

// Half a surrogate pair is no text: DynamoDB refuses it.
const wellFormed = z.refine<string>((value) => value.isWellFormed(), 'Must be well-formed Unicode')
const text = (maximum: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(maximum), wellFormed)
const minorUnits = z.int().check(z.gte(0), z.lte(1_000_000_000_000))

const address = z.strictObject({
  name: text(200),
  line1: text(200),
  line2: z.optional(text(200)),
  city: text(100),
  region: z.optional(text(100)),
  postalCode: z.optional(text(20)),
  country: z.string().check(z.refine(isCountry, 'Must be an ISO 3166-1 alpha-2 country code, such as DE')),
})

/** One line of an order. */
export const item = z.strictObject({
  sku: text(100),
  name: z.optional(text(300)),
  quantity: z.int().check(z.gte(1), z.lte(1_000_000)),
  unitPrice: minorUnits,
  weightGrams: z.optional(z.int().check(z.gte(0), z.lte(100_000_000))),
})

/** A tax, a shipping charge or a discount. */
export const charge = z.strictObject({
  type: z.enum(['tax', 'shipping', 'discount']),
  /** Minor units. A discount lowers the total whichever sign it has; a tax or shipping charge never does. */
  amount: z.int().check(z.gte(-1_000_000_000_000), z.lte(1_000_000_000_000)),
})

/** Who buys. */
export const customer = z.strictObject({
  name: text(200),
  company: z.optional(text(200)),
  email: z.optional(z.email().check(z.maxLength(254))),
  phone: z.optional(text(40)),
})

const request = {
  reference: z.optional(text(100)),
  currency: z.string().check(z.refine(isCurrency, 'Must be an ISO 4217 currency code, such as EUR')),
  customer,
  shippingAddress: address,
  items: z.array(item).check(z.minLength(1), z.maxLength(100)),
  charges: z.optional(z.array(charge).check(z.maxLength(20))),
  shippingService: z.optional(text(50)),
  metadata: z.optional(
    z
      .record(text(40), z.string().check(z.maxLength(200), wellFormed))
      .check(z.refine((entries) => Object.keys(entries).length <= 20, 'Must have at most 20 entries')),
  ),
}

/** The body of POST /orders. Money is in integer minor units of `currency`; unknown fields are refused. */
export const orderRequest = z.strictObject(request).check((context) => {
  const { charges = [], ...order } = context.value
  charges.forEach(({ type, amount }, index) => {
    if (type !== 'discount' && amount < 0)
      context.issues.push({
        code: 'custom',
        input: amount,
        path: ['charges', index, 'amount'],
        message: `A ${type} charge cannot be negative`,
      })
  })
  const total = totalOf({ ...order, charges })
  if (total < 0 || !Number.isSafeInteger(total))
    context.issues.push({
      code: 'custom',
      input: total,
      path: ['charges'],
      message: 'Items and charges must add up to a total between 0 and 9007199254740991 minor units',
    })
})
export type OrderRequest = z.output<typeof orderRequest>
/** The body of PUT /orders/{orderId}/shipping-address. */
export const shippingAddressRequest = address
export type ShippingAddress = z.output<typeof address>

/** What the buyer pays, in minor units: items plus charges, of which discounts count against the total. */
export function totalOf({ items, charges = [] }: Pick<OrderRequest, 'items' | 'charges'>): number {
  const goods = items.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0)
  return charges.reduce(
    (sum, { type, amount }) => sum + (type === 'discount' ? -Math.abs(amount) : amount),
    goods,
  )
}

/** What was accepted once stays readable, whatever a later version accepts: shapes only, no limits. */
export const acceptedRequest = {
  reference: z.optional(z.string()),
  currency: z.string(),
  customer: z.object({
    name: z.string(),
    company: z.optional(z.string()),
    email: z.optional(z.string()),
    phone: z.optional(z.string()),
  }),
  shippingAddress: z.object({
    name: z.string(),
    line1: z.string(),
    line2: z.optional(z.string()),
    city: z.string(),
    region: z.optional(z.string()),
    postalCode: z.optional(z.string()),
    country: z.string(),
  }),
  items: z.array(
    z.object({
      sku: z.string(),
      name: z.optional(z.string()),
      quantity: z.number(),
      unitPrice: z.number(),
      weightGrams: z.optional(z.number()),
    }),
  ),
  charges: z.optional(
    z.array(z.object({ type: z.enum(['tax', 'shipping', 'discount']), amount: z.number() })),
  ),
  shippingService: z.optional(z.string()),
  metadata: z.optional(z.record(z.string(), z.string())),
}
