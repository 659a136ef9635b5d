import * as z from 'zod/mini'

/** The adapter's options in the config: our account at Amazon. */
export const amazonMcfOptions = z.strictObject({
  /** The marketplace of the orders: https://developer-docs.amazon.com/sp-api/docs/marketplace-ids */
  marketplaceId: z
    .string()
    .check(z.regex(/^[A-Z0-9]{10,14}$/, "must be a marketplace's id, such as ATVPDKIKX0DER")),
  /** The shipping speed for each `shippingService`; others are `Standard`. */
  speeds: z.record(z.string(), z.enum(['Standard', 'Expedited', 'Priority'])),
  /** The text on every packing slip. */
  comment: z.string().check(z.minLength(1), z.maxLength(750)),
})
export type AmazonMcfOptions = z.output<typeof amazonMcfOptions>

/** The config of an account in North America, without its `options`. */
export const amazonMcfAccount = {
  adapter: 'amazon-mcf',
  /** Login with Amazon: https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api */
  auth: { tokenUrl: 'https://api.amazon.com/auth/o2/token', header: 'x-amz-access-token' },
  url: 'https://sellingpartnerapi-na.amazon.com',
  honoursIdempotencyKey: false,
  /** Amazon's limit for each of create, get and cancel; a burst may have 30 calls. */
  ratePerSecond: 2,
  concurrency: 2,
} as const
