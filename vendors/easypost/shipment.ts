import * as z from 'zod'

const country = z.string().regex(/^[A-Z]{2}$/)
const address = z.looseObject({ street1: z.string().min(1), city: z.string().min(1), country })
const customsItem = z.looseObject({
  description: z.string().min(1),
  quantity: z.int().positive(),
  value: z.number().nonnegative(),
  weight: z.number().positive(),
  origin_country: country,
})
/** The body of a request to create a shipment. */
export const createRequest = z.object({
  shipment: z.object({
    reference: z.string().nullish(),
    from_address: address,
    to_address: address,
    /** In ounces. */
    parcel: z.looseObject({ weight: z.number().positive() }),
    customs_info: z.looseObject({ customs_items: z.array(customsItem).min(1) }).nullish(),
    options: z.looseObject({ label_format: z.enum(['PNG', 'PDF', 'ZPL']).optional() }).nullish(),
  }),
})
const labelTypes = { PNG: 'image/png', PDF: 'application/pdf', ZPL: 'application/zpl' }

/** The price of one service of a carrier. */
export interface Rate {
  id: string
  carrier: string
  service: string
  rate: string
}

/** A shipment, bought or not. */
export interface Shipment {
  id: string
  createdAt: string
  mode: 'test' | 'production'
  asked: z.output<typeof createRequest>['shipment']
  rates: Rate[]
  messages: { carrier: string; type: string; message: string }[]
  /** Whether a buy is in progress. */
  isBuying: boolean
  purchase: { rate: Rate; trackingCode: string; readyAt: number } | null
  refund: { outcome: 'refunded' | 'rejected' | 'not_applicable'; settlesAt: number } | null
}

/** The status of the refund, if one was requested: `submitted` until it settles. */
export function refundStatus({ refund }: Shipment, now: number) {
  if (!refund) return null
  return now < refund.settlesAt ? 'submitted' : refund.outcome
}

/** The shipment in a response. One that is bought but not ready yet shows only its rate. */
export function viewOf(shipment: Shipment, now: number) {
  const { id, createdAt, mode, asked, rates, messages, purchase } = shipment
  const { reference = null, from_address, to_address, parcel, customs_info = null, options } = asked
  const format = options?.label_format ?? 'PNG'
  const bought = purchase && purchase.readyAt <= now ? purchase : null
  const label = bought && {
    object: 'PostageLabel',
    label_file_type: labelTypes[format],
    label_url: `https://labels.easypost.example/${id}.${format.toLowerCase()}`,
  }
  const tracker = bought && {
    object: 'Tracker',
    tracking_code: bought.trackingCode,
    status: 'unknown',
    public_url: `https://track.easypost.example/${bought.trackingCode}`,
  }
  return {
    id,
    object: 'Shipment',
    mode,
    created_at: createdAt,
    reference,
    status: 'unknown',
    is_return: false,
    from_address,
    to_address,
    parcel,
    customs_info,
    options: { ...options, label_format: format },
    messages,
    rates,
    selected_rate: purchase?.rate ?? null,
    tracking_code: bought?.trackingCode ?? null,
    postage_label: label,
    tracker,
    refund_status: refundStatus(shipment, now),
  }
}
