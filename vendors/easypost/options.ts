import * as z from 'zod/mini'

const text = z.string().check(z.minLength(1))
const millimetres = z.int().check(z.positive())

/** The adapter's options in the config: our account. Addresses have EasyPost's field names. */
export const easyPostOptions = z.strictObject({
  /** Whether labels are real. A key of the other mode is refused. */
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
  /** The size of the parcel for every order. */
  parcelMm: z.strictObject({ length: millimetres, width: millimetres, height: millimetres }),
  /** The weight of items without one. If it is not set, an order with such an item is refused. */
  itemWeightGrams: z.optional(z.int().check(z.positive())),
  /** For customs: the origin of items that do not state one. */
  originCountry: z.optional(text),
  /** Services such as `USPS Priority` for each `shippingService`; the cheapest is bought. Without an entry, all count. */
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

/** The config of a test account, whose labels are not real. */
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
