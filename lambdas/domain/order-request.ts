import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'
import { isCountry, isCurrency } from './iso-codes.ts'

// zod/mini has no messages of its own. One locale adds 2 KiB, all of them 264.
z.config(en())

/** Largest request body in bytes: it has to fit into one DynamoDB item, which may have 400 KB. */
export const maxBodyBytes = 128 * 1024

/** Rejects control characters, unpaired surrogates (which DynamoDB rejects) and noncharacters (which SQS rejects). */
const clean = z.refine<string>(
  (value) => /^[^\p{Cc}\p{Cs}\p{NChar}]*$/u.test(value),
  'Must not contain control characters or other code points that are not text',
)
/** Requires a visible letter, digit, punctuation mark or symbol. */
const visible = z.refine<string>(
  (value) => /^$|(?!\p{DI})[\p{L}\p{N}\p{P}\p{S}]/u.test(value),
  'Must hold a visible character',
)
const [trimmed, notEmpty] = [z.trim(), z.minLength(1)]
const untrimmed = z.refine<string>(
  (value) => value === value.trim(),
  'Must not begin or end with white space',
)
const maxAmount = 1_000_000_000_000

const isCountryCode = z.refine<string>(isCountry, 'Must be an ISO 3166-1 alpha-2 country code, such as DE')
const isCurrencyCode = z.refine<string>(isCurrency, 'Must be an ISO 4217 currency code, such as EUR')
/** https://www.wcoomd.org/en/topics/nomenclature/overview.aspx: six digits for all, further ones by country. */
const isHsCode = z.regex(/^\d{4}[. ]?\d{2}([. ]?\d{2}){0,3}$/, 'Must be an HS code, such as 6109.10')

/** The fields of a request, strictly validated; or as stored, so that what was accepted once stays readable. */
function requestFields(as: 'request' | 'stored') {
  type Text = z.ZodMiniType<string, string>
  const object: <Shape extends z.core.$ZodShape>(shape: Shape) => z.ZodMiniObject<Shape> =
    as === 'request' ? z.strictObject : z.object
  const special = (schema: Text): Text => (as === 'request' ? schema : z.string())
  const text = (maximum: number) =>
    special(z.string().check(trimmed, notEmpty, z.maxLength(maximum), clean, visible))
  // Shared by many fields, since each schema that is created costs cold-start time.
  const [line, word, phone] = [text(200), text(100), z.optional(text(40))]
  const lineIfAny = z.optional(line)
  const whole = (minimum: number, maximum: number) =>
    as === 'request' ? z.int().check(z.gte(minimum), z.lte(maximum)) : z.number()
  const list = <Item extends z.core.SomeType>(item: Item, minimum: number, maximum: number) =>
    as === 'request' ? z.array(item).check(z.minLength(minimum), z.maxLength(maximum)) : z.array(item)
  const country = special(z.string().check(isCountryCode))
  const email = z.optional(special(z.email().check(z.maxLength(254))))
  const lengthMm = whole(1, 100_000)
  return {
    reference: z.optional(word),
    currency: special(z.string().check(isCurrencyCode)),
    customer: object({ name: line, company: lineIfAny, email, phone }),
    /** Where the order goes. Its phone and email are the recipient's. */
    shippingAddress: object({
      name: line,
      company: lineIfAny,
      phone,
      email,
      line1: line,
      line2: lineIfAny,
      city: word,
      region: z.optional(word),
      postalCode: z.optional(text(20)),
      country,
    }),
    items: list(
      object({
        sku: word,
        name: z.optional(text(300)),
        quantity: whole(1, 1_000_000),
        unitPrice: whole(0, maxAmount),
        weightGrams: z.optional(whole(0, 100_000_000)),
        dimensionsMm: z.optional(object({ length: lengthMm, width: lengthMm, height: lengthMm })),
        hsCode: z.optional(special(z.string().check(isHsCode))),
        originCountry: z.optional(country),
      }),
      1,
      100,
    ),
    charges: z.optional(
      list(
        object({
          type: z.enum(['tax', 'shipping', 'discount']),
          /** Minor units. A discount lowers the total whatever its sign; other charges never do. */
          amount: whole(-maxAmount, maxAmount),
        }),
        0,
        20,
      ),
    ),
    shippingService: z.optional(text(50)),
  }
}

const request = requestFields('request')
export const { customer, shippingAddress, items, charges } = request

const metadata = z
  .record(
    z.string().check(notEmpty, z.maxLength(40), clean, visible, untrimmed),
    z.string().check(z.maxLength(200), clean),
  )
  .check(z.refine((entries) => Object.keys(entries).length <= 20, 'Must have at most 20 entries'))

/** The body of POST /orders. Money is in integer minor units of `currency`; unknown fields are refused. */
export const orderRequest = z
  .strictObject({ ...request, metadata: z.optional(metadata) })
  .check((context) => {
    const { charges: charged = [], ...order } = context.value
    const refuse = (path: PropertyKey[], input: number, message: string) =>
      context.issues.push({ code: 'custom', input, path, message })
    charged.forEach(({ type, amount }, index) => {
      if (type !== 'discount' && amount < 0)
        refuse(['charges', index, 'amount'], amount, `A ${type} charge cannot be negative`)
    })
    const total = totalOf({ ...order, charges: charged })
    if (total < 0 || !Number.isSafeInteger(total))
      refuse(
        ['charges'],
        total,
        'Items and charges must add up to a total between 0 and 9007199254740991 minor units',
      )
  })
export type OrderRequest = z.output<typeof orderRequest>

/** Drops fields that are null or "", which many shops send for "none". Limited in depth, so the stack cannot overflow. */
function withoutBlanks(value: unknown, levels = 4): unknown {
  if (levels === 0 || value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((each) => withoutBlanks(each, levels - 1))
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== '')
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutBlanks(field, levels - 1)]))
}

/** zod silently drops a field with this name from a record. */
const withoutPrototype = z.refine((entries) => !Object.hasOwn(Object(entries), '__proto__'), {
  path: ['__proto__'],
  error: 'Unknown field',
})

/** A body of POST /orders as shops send it. */
export const orderBody = z.pipe(
  z.pipe(
    z.looseObject({ metadata: z.optional(z.unknown().check(withoutPrototype)) }),
    z.transform((body: Record<string, unknown>) => withoutBlanks(body)),
  ),
  orderRequest,
)

/** The value of the goods in minor units, as customs requires it, whatever the buyer pays. */
export const goodsValueOf = ({ items: lines }: Pick<OrderRequest, 'items'>): number =>
  lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0)

/** What the buyer pays, in minor units: items plus charges, where discounts are subtracted. */
export const totalOf = ({
  charges: charged = [],
  ...order
}: Pick<OrderRequest, 'items' | 'charges'>): number =>
  charged.reduce(
    (sum, { type, amount }) => sum + (type === 'discount' ? -Math.abs(amount) : amount),
    goodsValueOf(order),
  )

/** The fields of a request in a stored order. */
export const acceptedRequest = () => ({
  ...requestFields('stored'),
  metadata: z.optional(z.record(z.string(), z.string())),
})

/** The request's part of a stored order. */
export const requestOf = (order: unknown) => z.parse(z.object(acceptedRequest()), order)
