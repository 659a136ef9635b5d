import * as z from 'zod/mini'
import type { Order } from './order.ts'
import type { OrderRequest } from './order-request.ts'

const whole = z.int().check(z.positive())
const codes = z.array(z.string())

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) !== undefined
  } catch {
    return false
  }
}

const addressFields = ['name', 'company', 'line1', 'city', 'region', 'postalCode', 'phone', 'email'] as const

/** A vendor's documented requirements for an order. */
export const limits = () =>
  z.strictObject({
    /** Maximum lengths of address fields, in characters; `line1` applies to both lines. */
    maxLengths: z.optional(z.partialRecord(z.enum(addressFields), whole)),
    /** Regular expressions that address fields must match, so they are required. Phone and email may be the buyer's. */
    patterns: z.optional(
      z.partialRecord(
        z.enum(addressFields),
        z.string().check(z.refine(isPattern, 'is not a valid regular expression')),
      ),
    ),
    countries: z.optional(codes),
    /** Values of `shippingService`. */
    services: z.optional(codes),
    /** The total weight of all items, in grams; each item must then have a weight. */
    weightGrams: z.optional(z.strictObject({ min: whole, max: whole })),
    /** For all other countries, each item must have what customs requires: HS code, origin and weight. */
    customsFreeCountries: z.optional(codes),
  })
export type Limits = z.output<ReturnType<typeof limits>>

/** The limits of an order's vendors, out of all limits by vendor name. */
export const limitsOf = (vendors: Order['vendors'], all: Readonly<Record<string, Limits>>): Limits[] =>
  Object.values(vendors).flatMap((name) => all[name] ?? [])

/** An invalid field: its path, such as `items.0.quantity`, and what is wrong with it. */
export interface FieldError {
  path: string
  message: string
}

/** The weight of an order in grams; undefined if an item has none, since a partial sum would be too low. */
export function weightOf({ items }: Pick<OrderRequest, 'items'>): number | undefined {
  const weight = items.reduce((sum, each) => sum + (each.weightGrams ?? Number.NaN) * each.quantity, 0)
  return Number.isNaN(weight) ? undefined : weight
}

/** Splits a first address line that is too long for a vendor at white space, if possible. */
function fitted(order: OrderRequest, { maxLengths }: Limits): OrderRequest {
  const { shippingAddress: address } = order
  const maximum = maxLengths?.line1
  if (maximum === undefined || address.line1.length <= maximum || address.line2 !== undefined) return order
  const end = address.line1.slice(0, maximum + 1).search(/\s+\S*$/)
  const [line1, line2] = [address.line1.slice(0, end), address.line1.slice(end).trim()]
  return end > 0 && line2.length <= maximum
    ? { ...order, shippingAddress: { ...address, line1, line2 } }
    : order
}

function* unmet(order: OrderRequest, own: Limits): Generator<FieldError> {
  const { customer, shippingAddress, shippingService = '', items } = order
  const { phone = customer.phone, email = customer.email, country } = shippingAddress
  const address: Record<string, string | undefined> = { ...shippingAddress, phone, email }
  const { maxLengths = {}, patterns = {}, countries, services, weightGrams } = own
  const at = (field: string, message: string) => ({ path: `shippingAddress.${field}`, message })
  for (const [field, pattern] of Object.entries(patterns))
    if (!new RegExp(pattern).test(address[field] ?? '')) yield at(field, `Must match ${pattern}`)
  for (const [field, maximum] of Object.entries({ ...maxLengths, line2: maxLengths.line1 }))
    if (maximum && (address[field] ?? '').length > maximum)
      yield at(field, `Must have at most ${maximum} characters`)
  if (countries && !countries.includes(country)) yield at('country', `Must be one of ${countries.join(', ')}`)
  if (services && !services.includes(shippingService))
    yield { path: 'shippingService', message: `Must be one of ${services.join(', ')}` }
  const isDeclared = own.customsFreeCountries?.includes(country) === false
  for (const [index, item] of items.entries())
    for (const field of ['weightGrams', 'hsCode', 'originCountry'] as const)
      if (item[field] === undefined && (isDeclared || (weightGrams && field === 'weightGrams')))
        yield { path: `items.${index}.${field}`, message: 'Must be given' }
  const weight = weightOf(order)
  if (weightGrams && weight !== undefined && (weight < weightGrams.min || weight > weightGrams.max))
    yield { path: 'items', message: `Must weigh ${weightGrams.min} to ${weightGrams.max} g` }
}

/** The order fitted to its vendors' limits, and the limits it still violates, so that a click is refused at once. */
export function withinLimits(
  request: OrderRequest,
  vendors: readonly Limits[],
): { order: OrderRequest; errors: FieldError[] } {
  const order = vendors.reduce(fitted, request)
  return { order, errors: vendors.flatMap((each) => [...unmet(order, each)]) }
}
