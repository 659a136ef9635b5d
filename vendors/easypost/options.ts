import * as z from 'zod/mini'

const text = z.string().check(z.minLength(1))
const millimetres = z.int().check(z.positive())

/** What the config says of our account. Addresses are in EasyPost's own words. */
export const easyPostOptions = z.strictObject({
  /** Whether labels are real: a key of the other kind is refused. */
  mode: z.enum(['test', 'production']),
  from: z.strictObject({
    name: text,
    company: z.optional(text),
    street1: text,
    street2: z.optional(text),
    city: text,
    state: z.optional(text),
    zip: text,
    country: text,
    phone: text,
    email: z.optional(text),
  }),
  /** The parcel that every order is sent in. */
  parcelMm: z.strictObject({ length: millimetres, width: millimetres, height: millimetres }),
  /** The weight of an item that comes without one; an order with such an item is refused, if not given. */
  itemWeightGrams: z.optional(z.int().check(z.positive())),
  /** For customs, of an item that does not say where it was made. */
  originCountry: z.optional(text),
  /** By `shippingService`: the services, such as `USPS Priority`, of which the cheapest is bought; of all, if not given. */
  services: z.record(z.string(), z.array(text)),
  labelFormat: z.enum(['PDF', 'PNG', 'ZPL']),
  /** Who signs customs declarations. */
  customsSigner: text,
})
export type EasyPostOptions = z.output<typeof easyPostOptions>

const options: EasyPostOptions = {
  mode: 'test',
  from: {
    name: 'Create Order',
    street1: '417 Montgomery Street',
    city: 'San Francisco',
    state: 'CA',
    zip: '94104',
    country: 'US',
    phone: '4155550100',
  },
  parcelMm: { length: 300, width: 200, height: 100 },
  itemWeightGrams: 500,
  originCountry: 'US',
  services: {},
  labelFormat: 'PDF',
  customsSigner: 'Create Order',
}

/** The config of an account whose labels are not real. */
export const easyPostTestAccount = {
  adapter: 'easypost',
  options,
  auth: 'basic',
  url: 'https://api.easypost.com/v2',
  honoursIdempotencyKey: false,
  /** https://docs.easypost.com/docs/rate-limiting */
  ratePerSecond: 5,
  concurrency: 2,
} as const
