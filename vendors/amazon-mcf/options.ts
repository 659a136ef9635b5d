import * as z from 'zod/mini'

/** What the config says of our account at Amazon. */
export const amazonMcfOptions = z.strictObject({
  /** Where the orders are placed: https://developer-docs.amazon.com/sp-api/docs/marketplace-ids */
  marketplaceId: z
    .string()
    .check(z.regex(/^[A-Z0-9]{10,14}$/, "must be a marketplace's id, such as ATVPDKIKX0DER")),
  /** By `shippingService`: how fast orders are shipped; any other is `Standard`. */
  speeds: z.record(z.string(), z.enum(['Standard', 'Expedited', 'Priority'])),
  /** What every packing slip says. */
  comment: z.string().check(z.minLength(1), z.maxLength(750)),
})
export type AmazonMcfOptions = z.output<typeof amazonMcfOptions>

/** The config of an account in North America, but for its `options`. */
export const amazonMcfAccount = {
  adapter: 'amazon-mcf',
  /** Login with Amazon: https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api */
  auth: { tokenUrl: 'https://api.amazon.com/auth/o2/token', header: 'x-amz-access-token' },
  url: 'https://sellingpartnerapi-na.amazon.com',
  honoursIdempotencyKey: false,
  /** Of each of create, get and cancel; a burst may have 30. */
  ratePerSecond: 2,
  concurrency: 2,
} as const
