import { readFileSync } from 'node:fs'
import * as z from 'zod'

/** A request body's schema out of a vendor's OpenAPI document. */
function contractSchema(document: string, name: string): z.ZodType {
  const text = readFileSync(new URL(`../docs/${document}`, import.meta.url), 'utf8')
  const contract = z.object({ components: z.object({ schemas: z.record(z.string(), z.any()) }) })
  const { schemas } = contract.parse(
    JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')),
  ).components
  return z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs: schemas })
}

const destination = z.object({ line1: z.string(), city: z.string(), country: z.string() })
/** The two APIs of docs/vendor-contract.md, as far as they differ. */
export const vendorApis = {
  logistics: {
    collection: '/awbs',
    request: contractSchema('logistics-api.openapi.json', 'AwbRequest'),
    destination: z
      .object({ recipient: z.object({ address: destination }) })
      .transform(({ recipient }) => recipient.address),
    idOf: (serial: number) => `AWB${serial}`,
    view: (awb: string) => ({ awb, trackingUrl: `https://tracking.carrier.example/${awb}` }),
  },
  wms: {
    collection: '/shipments',
    request: contractSchema('wms-api.openapi.json', 'ShipmentRequest'),
    destination: z
      .object({ shippingAddress: destination })
      .transform(({ shippingAddress }) => shippingAddress),
    idOf: (serial: number) => `WMS-${serial}`,
    view: (wmsReference: string) => ({ wmsReference }),
  },
}

/** Whose API a simulator plays: that of a step's vendors. */
export type VendorApi = keyof typeof vendorApis

/** The vendors that run locally: those of the environment dev. */
export const localVendors = [
  { name: 'carrier', step: 'logistics', adapter: 'contract' },
  { name: 'warehouse', step: 'wms', adapter: 'contract' },
] as const

const reference = z.string().regex(/^[A-Za-z0-9._~-]{1,100}$/)

/** The reference that a call names, in its path or in its body, however wrong the rest of that may be. */
export function referenceOf(url: string, body: unknown): string | null {
  const named = z.object({ reference }).safeParse(body ?? { reference: url.split('/')[2] })
  return named.success ? named.data.reference : null
}

/** The order of a reference, which begins with the 32 hexadecimal digits of its id; any other reference is its own. */
export const orderOf = (reference: string): string =>
  reference.replace(/^([0-9a-f]{32})-[0-9a-z]{7,}$/, 'ord_$1')

/** What the vendor really made for one order: `created` 2 is a duplicate, whatever it told the caller. */
export interface LedgerEntry {
  /** Our order id, whatever the vendor was told. */
  reference: string
  /** Of the first one made; null if none was. */
  id: string | null
  createCalls: number
  created: number
  /** How many of those were undone. */
  voided: number
}
