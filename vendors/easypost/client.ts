import * as z from 'zod/mini'
import { visibleText, webUrl } from '../../lambdas/adapters/parse.ts'
import {
  classifyReply,
  type VendorClient,
  type VendorCodes,
  type VendorJob,
} from '../../lambdas/adapters/vendor-client.ts'
import type { Reply, VendorHttp } from '../../lambdas/adapters/vendor-http.ts'
import { weightOf } from '../../lambdas/domain/limits.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { isVendorCode, type Reason } from '../../lambdas/domain/reasons.ts'
import type { Meaning } from '../../lambdas/domain/vendor-answer.ts'
import { decimalsOf } from '../decimals.ts'
import { type EasyPostOptions, easyPostOptions } from './options.ts'

const text = z.string().check(z.minLength(1))
const rate = z.object({
  id: text,
  carrier: z.string(),
  service: z.string(),
  rate: z.string(),
  currency: z.string().check(z.regex(/^[A-Z]{3}$/)),
})
const shipment = z.object({
  id: visibleText(100),
  mode: z.string(),
  tracking_code: z.nullish(visibleText(100)),
  rates: z.array(rate),
  selected_rate: z.nullish(rate),
  postage_label: z.nullish(z.object({ label_url: z.unknown(), label_file_type: z.nullish(z.string()) })),
  tracker: z.nullish(z.object({ public_url: z.unknown() })),
  refund_status: z.nullish(z.string()),
})
type Shipment = z.output<typeof shipment>

/** Codes that say more than their HTTP status: https://docs.easypost.com/docs/errors */
const ownCodes: VendorCodes = {
  'SHIPMENT.POSTAGE.EXISTS': 'exists',
  'SHIPMENT.PURCHASE.IN_PROGRESS': 'exists',
  'SHIPMENT.PURCHASE.FAILURE': 'try-again',
  'SHIPMENT.RATES.UNAVAILABLE': 'try-again',
}

/** Rounds up to a tenth: EasyPost measures in ounces and inches, to one decimal. */
const tenths = (value: number): number => Math.ceil(value * 10) / 10
const ounces = (grams: number): number => tenths(grams / 28.349523125)
const inches = (mm: number): number => tenths(mm / 25.4)

/** The customs declaration, if the parcel leaves the sender's country: https://docs.easypost.com/docs/customs-infos */
function customsOf(
  { items, currency }: Pick<Order, 'items' | 'currency'>,
  { customsSigner }: EasyPostOptions,
) {
  return {
    contents_type: 'merchandise',
    restriction_type: 'none',
    non_delivery_option: 'return',
    eel_pfc: 'NOEEI 30.37(a)',
    customs_certify: true,
    customs_signer: customsSigner,
    customs_items: items.map(
      ({ sku, name, quantity, unitPrice, weightGrams = 0, hsCode, originCountry }) => ({
        description: name ?? sku,
        quantity,
        weight: ounces(quantity * weightGrams),
        value: (quantity * unitPrice) / 10 ** decimalsOf(currency),
        currency,
        hs_tariff_number: hsCode?.replaceAll(/[. ]/g, ''),
        origin_country: originCountry,
      }),
    ),
  }
}

/** The order with missing weights and origins of its items filled in from the config. */
const completed = (order: Order, { itemWeightGrams, originCountry }: EasyPostOptions): Order => ({
  ...order,
  items: order.items.map((item) => ({
    ...item,
    weightGrams: item.weightGrams ?? itemWeightGrams,
    originCountry: item.originCountry ?? originCountry,
  })),
})

function shipmentFor(order: Order, reference: string, weightGrams: number, own: EasyPostOptions) {
  const { customer, shippingAddress: to } = order
  const { length, width, height } = own.parcelMm
  return {
    reference,
    from_address: own.from,
    to_address: {
      name: to.name,
      company: to.company,
      street1: to.line1,
      street2: to.line2,
      city: to.city,
      state: to.region,
      zip: to.postalCode,
      country: to.country,
      phone: to.phone ?? customer.phone,
      email: to.email ?? customer.email,
    },
    parcel: {
      length: inches(length),
      width: inches(width),
      height: inches(height),
      weight: ounces(weightGrams),
    },
    ...(to.country !== own.from.country && { customs_info: customsOf(order, own) }),
    options: { label_format: own.labelFormat },
  }
}

/** The cheapest rate among the services that the config allows for the order's `shippingService`. */
function chosenRate({ rates }: Shipment, { shippingService = '' }: Order, { services }: EasyPostOptions) {
  const allowed = services[shippingService]
  const [cheapest] = rates
    .filter(({ carrier, service }) => allowed === undefined || allowed.includes(`${carrier} ${service}`))
    .sort((one, other) => Number(one.rate) - Number(other.rate))
  return cheapest
}

/** The reason for one of EasyPost's codes. */
const because = (code: string): Reason => (isVendorCode(code) ? code : 'UNREADABLE_ANSWER')
const unreadable: Meaning = { made: 'unknown', blame: 'unclear', reason: 'UNREADABLE_ANSWER' }
const notThere: Meaning = { made: 'no', blame: 'nobody', reason: 'NOT_THERE' }

/** An invalid URL is left out, because the label exists all the same. */
const urlIn = (value: unknown): string | undefined => z.safeParse(webUrl(), value).data

/** The meaning of a shipment if a rate was bought, else undefined. */
function bought({ tracking_code: awb, selected_rate: paid, ...rest }: Shipment): Meaning | undefined {
  if (!awb) return paid ? { made: 'accepted', blame: 'nobody', reason: 'NOT_READY_YET' } : undefined
  const { postage_label: label, tracker } = rest
  const url = urlIn(label?.label_url)
  const isRefunded = meaningOfRefund(rest)?.reason === 'UNDONE'
  return {
    made: 'yes',
    blame: isRefunded ? 'order' : 'nobody',
    reason: isRefunded ? 'CANCELLED_BY_VENDOR' : 'MADE',
    facts: {
      awb,
      trackingUrl: urlIn(tracker?.public_url),
      label: url ? { url, format: label?.label_file_type ?? undefined } : undefined,
      carrierService: paid ? `${paid.carrier} ${paid.service}` : undefined,
      labelPrice: paid
        ? { amount: Math.round(Number(paid.rate) * 10 ** decimalsOf(paid.currency)), currency: paid.currency }
        : undefined,
    },
  }
}

const tooLate: Meaning = { made: 'no', blame: 'order', reason: 'TOO_LATE' }
/** Codes about our account or EasyPost, not about the order. */
const meanings: Readonly<Record<string, Meaning>> = {
  'APIKEY.INACTIVE': { made: 'no', blame: 'us', reason: 'CREDENTIAL_REFUSED' },
  'SHIPMENT.REFUND.UNAVAILABLE': tooLate,
}

/** The meaning of a refund's status: https://docs.easypost.com/docs/shipments/shipping-refund */
function meaningOfRefund({ refund_status: status }: Pick<Shipment, 'refund_status'>): Meaning | undefined {
  // A label that is only paid for once it is scanned needs no refund.
  if (status === 'refunded' || status === 'not_applicable')
    return { made: 'yes', blame: 'nobody', reason: 'UNDONE', facts: {} }
  if (status === 'rejected') return tooLate
  return status ? { made: 'accepted', blame: 'nobody', reason: 'NOT_READY_YET' } : undefined
}

/**
 * EasyPost, a broker of carriers (https://docs.easypost.com). Creating a shipment with its rates costs nothing, so its id
 * is saved before a rate is bought.
 */
export function createEasyPostClient(http: VendorHttp, codes: VendorCodes, options: unknown): VendorClient {
  const own = z.parse(easyPostOptions, options)

  function read(reply: Reply, call: 'create' | 'look-up'): Shipment | Meaning {
    let found: Shipment | undefined
    const meaning = classifyReply(reply, call, { ...ownCodes, ...codes }, (body) => {
      found = z.safeParse(shipment, body).data
      return unreadable
    })
    return found ?? meanings[meaning.reason] ?? meaning
  }
  const pathOf = (id: string) => `/shipments/${encodeURIComponent(id)}`
  const saved = async (id: string) => read(await http('GET', pathOf(id)), 'look-up')

  /** The round's shipment: the saved one, or a new one. This buys nothing. */
  async function shipmentOf(job: VendorJob): Promise<Shipment | Meaning> {
    if (job.checkpoint !== undefined) return saved(job.checkpoint)
    const order = completed(job.order, own)
    const weightGrams = weightOf(order)
    if (weightGrams === undefined) return { made: 'no', blame: 'order', reason: because('WEIGHT_UNKNOWN') }
    const body = { shipment: shipmentFor(order, job.reference, weightGrams, own) }
    const found = read(await http('POST', '/shipments', body, job.reference), 'create')
    return 'made' in found && found.made === 'unknown' ? { ...found, made: 'no' } : found
  }

  return {
    requestVersion: 1,
    async create(job) {
      const found = await shipmentOf(job)
      if ('made' in found) return found
      const known = bought(found)
      if (known !== undefined) return known
      if (found.mode !== own.mode) return { made: 'no', blame: 'us', reason: because('WRONG_MODE') }
      const chosen = chosenRate(found, job.order, own)
      if (chosen === undefined) return { made: 'no', blame: 'order', reason: because('NO_RATES') }
      if (job.checkpoint === undefined) await job.save(found.id)
      const body = { rate: { id: chosen.id } }
      const answer = read(await http('POST', `${pathOf(found.id)}/buy`, body, job.reference), 'create')
      return 'made' in answer ? answer : (bought(answer) ?? unreadable)
    },
    async lookUp({ checkpoint }) {
      if (checkpoint === undefined) return notThere
      const found = await saved(checkpoint)
      if ('made' in found) return found
      return bought(found) ?? notThere
    },
    async cancel({ checkpoint, reference }) {
      if (checkpoint === undefined) return notThere
      const found = await saved(checkpoint)
      if ('made' in found) return found
      const made = bought(found) ?? notThere
      if (made.made !== 'yes') return made
      const known = meaningOfRefund(found)
      if (known !== undefined) return known
      const answer = read(await http('POST', `${pathOf(checkpoint)}/refund`, {}, reference), 'create')
      return 'made' in answer ? answer : (meaningOfRefund(answer) ?? unreadable)
    },
  }
}
