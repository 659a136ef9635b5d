import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import logistics from '../../docs/logistics-api.openapi.json' with { type: 'json' }
import wms from '../../docs/wms-api.openapi.json' with { type: 'json' }
import { type Faults, problems } from '../faults.ts'
import type { Answer, Call, Later, VendorHost, VendorProtocol } from '../protocol.ts'

/** A request body's schema out of a vendor's OpenAPI document. */
function contractSchema(document: object, name: string): z.ZodType {
  const text = JSON.stringify(document)
  const contract = z.object({ components: z.object({ schemas: z.record(z.string(), z.any()) }) })
  const { components } = contract.parse(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')))
  return z.fromJSONSchema({ $ref: `#/$defs/${name}`, $defs: components.schemas })
}

const destination = z.object({ line1: z.string(), city: z.string(), country: z.string() })
/** The two APIs of docs/vendor-contract.md, as far as they differ. */
const apis = {
  logistics: {
    collection: '/awbs',
    request: contractSchema(logistics, 'AwbRequest'),
    destination: z
      .object({ recipient: z.object({ address: destination }) })
      .transform(({ recipient }) => recipient.address),
    idOf: (serial: number) => `AWB${serial}`,
    view: (awb: string) => ({ awb, trackingUrl: `https://tracking.carrier.example/${awb}` }),
  },
  wms: {
    collection: '/shipments',
    request: contractSchema(wms, 'ShipmentRequest'),
    destination: z
      .object({ shippingAddress: destination })
      .transform(({ shippingAddress }) => shippingAddress),
    idOf: (serial: number) => `WMS-${serial}`,
    view: (wmsReference: string) => ({ wmsReference }),
  },
}

const reference = z.string().regex(/^[A-Za-z0-9._~-]{1,100}$/)

/** The reference that a call names, in its path or in its body. */
function referenceOf({ url, body }: Call): string | null {
  const named = z.object({ reference }).safeParse(body ?? { reference: url.split('/')[2] })
  return named.success ? named.data.reference : null
}

function refusal(status: number, code: string, message: string, headers = {}): Answer {
  return { status, body: { code, message }, headers }
}

type Shipment = { reference: string; id: string; readyAt: number; isVoid: boolean }

/**
 * A vendor that keeps docs/vendor-contract.md. It judges requests by the published OpenAPI documents and shares no
 * schema with our clients: sharing one would hide a mistake in both.
 */
function playContract(api: (typeof apis)[keyof typeof apis], host: VendorHost): VendorProtocol {
  const { now, serial, recordOf } = host
  const firstByReference = new Map<string, Shipment>()
  const worksByKey = new Map<string, { body: unknown; shipment: Shipment | null }>()

  function make(of: string, asyncMs: number | null): Shipment {
    const id = api.idOf(serial())
    const shipment = { reference: of, id, readyAt: now() + (asyncMs ?? 0), isVoid: false }
    if (!firstByReference.has(of)) firstByReference.set(of, shipment)
    const record = recordOf(of)
    record.created += 1
    record.id ??= id
    return shipment
  }

  function answerWith({ reference, id, readyAt, isVoid }: Shipment, status: 200 | 201): Answer {
    const pendingMs = readyAt - now()
    if (isVoid) return { status, body: { reference, ...api.view(id), status: 'voided' } }
    if (pendingMs <= 0) return { status, body: { reference, ...api.view(id) } }
    const headers = { 'retry-after': `${Math.ceil(pendingMs / 1_000)}` }
    return { status: 202, body: { reference, status: 'accepted' }, headers }
  }

  function lookUp(of: string): Answer {
    const shipment = firstByReference.get(of)
    return shipment ? answerWith(shipment, 200) : refusal(404, 'NOT_FOUND', `Nothing is here for ${of}.`)
  }

  function undo({ voids, shipped }: Faults, of: string): Answer {
    if (!voids) return refusal(405, 'METHOD_NOT_ALLOWED', 'What we have made cannot be undone.')
    const shipment = firstByReference.get(of)
    if (!shipment) return refusal(404, 'NOT_FOUND', `Nothing is here for ${of}.`)
    if (shipped && !shipment.isVoid) return refusal(409, 'TOO_LATE', `It has left: ${of}.`)
    if (!shipment.isVoid) recordOf(of).undoneAt.push(now())
    shipment.isVoid = true
    return { status: 200, body: { reference: of, status: 'voided' } }
  }

  function create(faults: Faults, of: string | null, body: unknown, key: string | undefined): Answer | Later {
    const valid = api.request.safeParse(body)
    if (!of || !valid.success)
      return refusal(400, 'INVALID_REQUEST', valid.error ? problems(valid.error) : '')
    if (faults.idempotency && !key) return refusal(400, 'INVALID_REQUEST', 'Idempotency-Key is missing.')

    const earlier = faults.idempotency && key ? worksByKey.get(key) : undefined
    if (earlier) {
      const { shipment } = earlier
      if (!isDeepStrictEqual(earlier.body, body))
        return refusal(422, 'KEY_REUSED', 'This Idempotency-Key came with another body.')
      if (!shipment) return refusal(409, 'IN_PROGRESS', 'The first call with this key is under way.')
      return { kind: 'repeat', finish: () => answerWith(shipment, 201) }
    }

    const { line1, city, country } = api.destination.parse(body)
    if (faults.rejectCountries.includes(country))
      return refusal(422, 'ADDRESS_NOT_SERVED', `We do not deliver to ${line1}, ${city}, ${country}.`)
    const work: { body: unknown; shipment: Shipment | null } = { body, shipment: null }
    if (faults.idempotency && key) worksByKey.set(key, work)
    const finish = () => {
      work.shipment = make(of, faults.asyncMs)
      return answerWith(work.shipment, 201)
    }
    return { kind: 'create', finish }
  }

  const isCreate = ({ method, url }: Call) => method === 'POST' && url === api.collection
  return {
    refusals: {
      unauthorized: refusal(401, 'UNAUTHORIZED', 'Wrong credential.', { 'www-authenticate': 'Bearer' }),
      overloaded: refusal(429, 'RATE_LIMITED', 'Too many calls.', { 'retry-after': '1' }),
      broken: refusal(500, 'INTERNAL_ERROR', 'Something broke here.'),
    },
    isAuthorized: ({ headers }) => /^bearer +\S/i.test(headers.authorization ?? ''),
    about: (call) => ({ reference: referenceOf(call), isCreate: isCreate(call) }),
    decide(call, faults) {
      const { method, url, headers, body } = call
      const named = referenceOf(call)
      if (isCreate(call)) return create(faults, named, body, headers['idempotency-key']?.toString())
      if (named && url === `${api.collection}/${named}`) {
        if (method === 'GET') return { finish: () => lookUp(named) }
        if (method === 'DELETE') return { finish: () => undo(faults, named) }
      }
      return refusal(404, 'NO_SUCH_ROUTE', `${method} ${url} is not part of this API.`)
    },
    forgetUnfinished() {
      for (const [key, { shipment }] of worksByKey) if (!shipment) worksByKey.delete(key)
    },
  }
}

/** The protocols of docs/vendor-contract.md, by the step whose vendors speak them. */
export const contract = {
  logistics: (host: VendorHost) => playContract(apis.logistics, host),
  wms: (host: VendorHost) => playContract(apis.wms, host),
}
