import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import logistics from '../../docs/logistics-api.openapi.json' with { type: 'json' }
import wms from '../../docs/wms-api.openapi.json' with { type: 'json' }
import { type Faults, problems } from '../faults.ts'
import type { Answer, Call, CreateProtocol, Later, VendorHost, VendorProtocol } from '../protocol.ts'

/** The schema of the request body in a vendor's OpenAPI document. */
function contractSchema(document: object, name: string): z.ZodType {
  const text = JSON.stringify(document)
  const contract = z.object({ components: z.object({ schemas: z.record(z.string(), z.any()) }) })
  const { components } = contract.parse(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')))
  return z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs: components.schemas })
}

/** What a call asks for, and for which reference; null if it has no valid reference. */
interface Asked {
  asks: 'create' | 'look-up' | 'cancel'
  reference: string | null
}

/** What differs between vendors' APIs that make one thing per reference. */
export interface FakeApi {
  /** What a call asks for; undefined if the API has no such call. */
  asked(call: Call): Asked | undefined
  /** The schema of a create request, if it is checked. */
  request?: z.ZodType
  /** The destination address in a request, for the fault `rejectCountries`. */
  destination?: z.ZodType<{ line1: string; city: string; country: string }>
  idOf(serial: number): string
  /** A thing as it appears in a response. */
  view(id: string, reference: string, isVoid: boolean): object
}

const reference = z.string().regex(/^[A-Za-z0-9._~-]{1,100}$/)
const named = z.object({ reference })

/** The calls of docs/vendor-contract.md: POST to a collection; GET and DELETE below it. */
const callsBelow =
  (collection: string): FakeApi['asked'] =>
  ({ method, url, body }) => {
    if (method === 'POST' && url === collection)
      return { asks: 'create', reference: named.safeParse(body).data?.reference ?? null }
    const asks = ({ GET: 'look-up', DELETE: 'cancel' } as const)[method]
    const below = url.startsWith(`${collection}/`) ? url.slice(collection.length + 1) : undefined
    const { data } = reference.safeParse(below)
    return asks && data ? { asks, reference: data } : undefined
  }

const stateOf = (of: string, isVoid: boolean) => ({ reference: of, ...(isVoid && { status: 'voided' }) })

const destination = z.object({ line1: z.string(), city: z.string(), country: z.string() })
/** The two APIs that the documents describe. */
const apis: Record<'logistics' | 'wms', FakeApi> = {
  logistics: {
    asked: callsBelow('/awbs'),
    request: contractSchema(logistics, 'AwbRequest'),
    destination: z
      .object({ recipient: z.object({ address: destination }) })
      .transform(({ recipient }) => recipient.address),
    idOf: (serial) => `AWB${serial}`,
    view: (awb, of, isVoid) => ({
      ...stateOf(of, isVoid),
      awb,
      trackingUrl: `https://tracking.carrier.example/${awb}`,
    }),
  },
  wms: {
    asked: callsBelow('/shipments'),
    request: contractSchema(wms, 'ShipmentRequest'),
    destination: z
      .object({ shippingAddress: destination })
      .transform(({ shippingAddress }) => shippingAddress),
    idOf: (serial) => `WMS-${serial}`,
    view: (wmsReference, of, isVoid) => ({ ...stateOf(of, isVoid), wmsReference }),
  },
}

function refusal(status: number, code: string, message: string, headers = {}): Answer {
  return { status, body: { code, message }, headers }
}

/** A thing that was made. `work` is what an Idempotency-Key stands for: the request, and the thing's id once it is made. */
const shipment = z.object({ reference, id: z.string(), readyAt: z.number(), isVoid: z.boolean() })
const work = z.object({ body: z.unknown(), id: z.string().nullable() })
type Shipment = z.output<typeof shipment>
type Work = z.output<typeof work>

/** What a vendor remembers, by reference and by key. A look-up finds the first thing of a reference. */
export interface Memory {
  shipments: Map<string, Shipment[]>
  works: Map<string, Work>
}

/** A memory as JSON. */
export const savedMemory = z.object({
  shipments: z.array(z.tuple([z.string(), z.array(shipment)])),
  works: z.array(z.tuple([z.string(), work])),
})
type SavedMemory = z.output<typeof savedMemory>

export const saved = ({ shipments, works }: Memory): SavedMemory => {
  return { shipments: [...shipments], works: [...works] }
}

/** Restores a saved memory; without data it is empty. */
export const recall = (data?: SavedMemory): Memory => {
  return { shipments: new Map(data?.shipments), works: new Map(data?.works) }
}

/**
 * A vendor that keeps docs/vendor-contract.md. It judges requests by the published OpenAPI documents and shares no
 * schema with our clients: sharing one would hide a mistake in both.
 */
function play(api: FakeApi, host: VendorHost, { shipments, works }: Memory): VendorProtocol {
  const { now, serial, recordOf } = host

  function make(of: string, asyncMs: number | null): Shipment {
    const id = api.idOf(serial())
    const shipment = { reference: of, id, readyAt: now() + (asyncMs ?? 0), isVoid: false }
    shipments.set(of, [...(shipments.get(of) ?? []), shipment])
    const record = recordOf(of)
    record.created += 1
    record.id ??= id
    return shipment
  }

  function answerWith({ reference, id, readyAt, isVoid }: Shipment, status: 200 | 201): Answer {
    const pendingMs = readyAt - now()
    const body = api.view(id, reference, isVoid)
    if (isVoid || pendingMs <= 0) return { status, body }
    const headers = { 'retry-after': `${Math.ceil(pendingMs / 1_000)}` }
    return { status: 202, body: { reference, status: 'accepted' }, headers }
  }

  function lookUp(of: string): Answer {
    const [shipment] = shipments.get(of) ?? []
    return shipment ? answerWith(shipment, 200) : refusal(404, 'NOT_FOUND', `Nothing is here for ${of}.`)
  }

  function undo({ voids, shipped }: Faults, of: string): Answer {
    if (!voids) return refusal(405, 'METHOD_NOT_ALLOWED', 'What we have made cannot be undone.')
    const [shipment] = shipments.get(of) ?? []
    if (!shipment) return refusal(404, 'NOT_FOUND', `Nothing is here for ${of}.`)
    if (shipped && !shipment.isVoid) return refusal(409, 'TOO_LATE', `It has left: ${of}.`)
    if (!shipment.isVoid) recordOf(of).undoneAt.push(now())
    shipment.isVoid = true
    return { status: 200, body: { reference: of, status: 'voided' } }
  }

  function create(faults: Faults, of: string | null, body: unknown, key: string | undefined): Answer | Later {
    const invalid = api.request?.safeParse(body).error
    if (!of || invalid) return refusal(400, 'INVALID_REQUEST', invalid ? problems(invalid) : '')
    if (faults.idempotency && !key) return refusal(400, 'INVALID_REQUEST', 'Idempotency-Key is missing.')

    const earlier = faults.idempotency && key ? works.get(key) : undefined
    if (earlier) {
      const shipment = shipments.get(of)?.find(({ id }) => id === earlier.id)
      if (!isDeepStrictEqual(earlier.body, body))
        return refusal(422, 'KEY_REUSED', 'This Idempotency-Key came with another body.')
      if (!shipment) return refusal(409, 'IN_PROGRESS', 'The first call with this key is under way.')
      return { kind: 'repeat', finish: () => answerWith(shipment, 201) }
    }

    const { line1, city, country } = api.destination?.parse(body) ?? {}
    if (country && faults.rejectCountries.includes(country))
      return refusal(422, 'ADDRESS_NOT_SERVED', `We do not deliver to ${line1}, ${city}, ${country}.`)
    const work: Work = { body, id: null }
    if (faults.idempotency && key) works.set(key, work)
    const finish = () => {
      const shipment = make(of, faults.asyncMs)
      work.id = shipment.id
      return answerWith(shipment, 201)
    }
    return { kind: 'create', finish }
  }

  return {
    refusals: {
      unauthorized: refusal(401, 'UNAUTHORIZED', 'Wrong credential.', { 'www-authenticate': 'Bearer' }),
      overloaded: refusal(429, 'RATE_LIMITED', 'Too many calls.', { 'retry-after': '1' }),
      broken: refusal(500, 'INTERNAL_ERROR', 'Something broke here.'),
    },
    isAuthorized: ({ headers }) => /^bearer +\S/i.test(headers.authorization ?? ''),
    about(call) {
      const asked = api.asked(call)
      return { reference: asked?.reference ?? null, isCreate: asked?.asks === 'create' }
    },
    decide(call, faults) {
      const { method, url, headers, body } = call
      const { asks, reference: of = null } = api.asked(call) ?? {}
      if (asks === 'create') return create(faults, of, body, headers['idempotency-key']?.toString())
      if (asks === undefined || of === null)
        return refusal(404, 'NO_SUCH_ROUTE', `${method} ${url} is not part of this API.`)
      return { finish: () => (asks === 'look-up' ? lookUp(of) : undo(faults, of)) }
    },
    forgetUnfinished() {
      for (const [key, { id }] of works) if (id === null) works.delete(key)
    },
  }
}

/** A fake of a vendor with its own API that keeps the promises of docs/vendor-contract.md. */
export const fakeOf =
  (api: FakeApi) =>
  (host: VendorHost, memory = recall()): VendorProtocol =>
    play(api, host, memory)

/** A carrier and a warehouse that keep docs/vendor-contract.md. */
export const carrier = fakeOf(apis.logistics)
export const warehouse = fakeOf(apis.wms)

/** The protocols of docs/vendor-contract.md, by step; `at` makes one for any other step. */
export const contract = {
  logistics: carrier,
  wms: warehouse,
  /** `collection` is a path such as `/clearances`; `field` holds a thing's identifier, such as `clearance`. */
  at: (collection: string, field: string): CreateProtocol =>
    fakeOf({
      asked: callsBelow(collection),
      idOf: (serial) => `${field.toUpperCase()}-${serial}`,
      view: (id, of, isVoid) => ({ ...stateOf(of, isVoid), [field]: id }),
    }),
}
