import * as z from 'zod'
import type { Faults } from '../faults.ts'
import type { Answer, Call, Later, VendorHost, VendorProtocol } from '../protocol.ts'
import { createRequest, refundStatus, type Shipment, viewOf } from './shipment.ts'

/** How long a refund takes in this fake; real ones take days. */
const refundMs = 1_000

const buyRequest = z.object({ rate: z.object({ id: z.string() }) })
const named = z.object({ shipment: z.object({ reference: z.string() }) })

const services = [
  { carrier: 'USPS', service: 'GroundAdvantage', rate: '7.58', delivery_days: 4 },
  { carrier: 'USPS', service: 'Priority', rate: '10.20', delivery_days: 2 },
  { carrier: 'USPS', service: 'Express', rate: '32.45', delivery_days: 1 },
  { carrier: 'UPSDAP', service: 'Ground', rate: '11.90', delivery_days: 3 },
]

function refusal(status: number, code: string, message: string, errors: object[] = []): Answer {
  return { status, body: { error: { code, message, errors } } }
}

const notFound = refusal(404, 'NOT_FOUND', 'The requested resource is not here.')

/** A 422 that names each field. */
function invalid({ issues }: z.ZodError): Answer {
  const errors = issues.map(({ path, message }) => ({ field: path.join('.'), message }))
  const isMissing = errors.some(({ message }) => message === 'cannot be blank')
  return isMissing
    ? refusal(422, 'PARAMETER.REQUIRED', 'A parameter that is required is missing.', errors)
    : refusal(422, 'SHIPMENT.INVALID_PARAMS', 'A parameter is wrong.', errors)
}

function parse<T>(schema: z.ZodType<T>, body: unknown) {
  const error = ({ input }: { input?: unknown }) => (input == null ? 'cannot be blank' : 'is invalid')
  return schema.safeParse(body ?? {}, { error })
}

/** The API key, which is the user name of HTTP Basic. */
function keyOf(authorization = ''): string {
  const [, credentials = ''] = /^basic +(\S+)$/i.exec(authorization) ?? []
  return Buffer.from(credentials, 'base64').toString().split(':')[0] ?? ''
}

/** Parses a path into the id or reference and the action. */
function route(url: string) {
  const [, target = '', action] = /^\/shipments\/([^/?]+)(?:\/(buy|refund))?$/.exec(url) ?? []
  return { target, action }
}

/**
 * A fake of shipments (https://docs.easypost.com/docs/shipments) under a base URL that stands for
 * https://api.easypost.com/v2. Only a buy makes something: a shipment costs nothing, a reference may have several, and
 * idempotency keys are ignored. Any API key is accepted; if it contains EMPTY, the account has no balance for a buy.
 * These faults have a special meaning:
 *
 * - `rejectCountries`: a shipment to them is created without rates; its messages say why.
 * - `asyncMs`: a buy responds at once, but tracking code, label and tracker appear this much later.
 * - `voids: false`: refunds are `not_applicable` at once, as with carriers that bill when they scan.
 * - `shipped`: refunds are `submitted`, then `rejected`; after that another refund may be requested.
 */
export function easyPost({ now, serial, recordOf }: VendorHost): VendorProtocol {
  const shipments: Shipment[] = []
  const newId = (prefix: string) => `${prefix}_${serial().toString(16).padStart(32, '0')}`
  const referenceOf = ({ id, asked }: Shipment) => asked.reference ?? id

  const find = (target: string): Shipment | undefined =>
    shipments.find(({ id }) => id === target) ?? shipments.findLast(({ asked }) => asked.reference === target)

  const answerWith = (shipment: Shipment, status: 200 | 201): Answer => {
    return { status, body: viewOf(shipment, now()) }
  }

  function create({ rejectCountries }: Faults, body: unknown, mode: Shipment['mode']): Answer | Later {
    const valid = parse(createRequest, body)
    if (!valid.success) return invalid(valid.error)
    const asked = valid.data.shipment
    const { street1, city, country } = asked.to_address
    const isServed = !rejectCountries.includes(country)
    const finish = () => {
      const id = newId('shp')
      const common = { object: 'Rate', mode, currency: 'USD', shipment_id: id }
      const rates = services.map((each) => ({ id: newId('rate'), ...common, ...each }))
      const message = `We do not deliver to ${street1}, ${city}, ${country}.`
      const shipment: Shipment = {
        id,
        createdAt: new Date(now()).toISOString(),
        mode,
        asked,
        rates: isServed ? rates : [],
        messages: isServed ? [] : [{ carrier: 'USPS', type: 'rate_error', message }],
        isBuying: false,
        purchase: null,
        refund: null,
      }
      shipments.push(shipment)
      return answerWith(shipment, 201)
    }
    return { finish }
  }

  function buy({ asyncMs }: Faults, shipment: Shipment, body: unknown, key: string): Answer | Later {
    const valid = parse(buyRequest, body)
    if (!valid.success) return invalid(valid.error)
    if (shipment.purchase) {
      const exists = refusal(422, 'SHIPMENT.POSTAGE.EXISTS', 'Its postage has been bought.')
      return { kind: 'repeat', finish: () => exists }
    }
    if (shipment.isBuying) return refusal(422, 'SHIPMENT.PURCHASE.IN_PROGRESS', 'A purchase is under way.')
    const rate = shipment.rates.find(({ id }) => id === valid.data.rate.id)
    if (!rate) return refusal(422, 'SHIPMENT.MISSING_RATE', 'The shipment has no such rate.')
    if (key.includes('EMPTY'))
      return refusal(402, 'PAYMENT_REQUIRED', 'The balance does not cover the postage.')
    shipment.isBuying = true
    const finish = () => {
      const trackingCode = `9400${serial().toString().padStart(18, '0')}`
      shipment.purchase = { rate, trackingCode, readyAt: now() + (asyncMs ?? 0) }
      const record = recordOf(referenceOf(shipment))
      record.created += 1
      record.id ??= trackingCode
      return answerWith(shipment, 200)
    }
    return { kind: 'create', finish }
  }

  function refund({ voids, shipped }: Faults, shipment: Shipment): Answer {
    if (!shipment.purchase) return refusal(422, 'SHIPMENT.POSTAGE.REQUIRED', 'It has no postage to refund.')
    const status = refundStatus(shipment, now())
    if (status !== 'submitted' && status !== 'refunded') {
      const outcome = shipped ? 'rejected' : 'refunded'
      const settlesAt = now() + refundMs
      shipment.refund = voids ? { outcome, settlesAt } : { outcome: 'not_applicable', settlesAt: now() }
      if (shipment.refund.outcome === 'refunded') recordOf(referenceOf(shipment)).undoneAt.push(settlesAt)
    }
    return answerWith(shipment, 200)
  }

  return {
    refusals: {
      unauthorized: refusal(401, 'APIKEY.INACTIVE', 'This API key is not active.'),
      overloaded: { ...refusal(429, 'RATE_LIMITED', 'Too many calls.'), headers: { 'retry-after': '1' } },
      broken: refusal(500, 'INTERNAL_SERVER_ERROR', 'Something broke here.'),
    },
    isAuthorized: ({ headers }) => keyOf(headers.authorization) !== '',
    about({ method, url, body }: Call) {
      const { target, action } = route(url)
      const shipment = find(target)
      const asked = named.safeParse(body).data?.shipment.reference
      return {
        reference: shipment ? referenceOf(shipment) : asked || target || null,
        isCreate: method === 'POST' && action === 'buy' && shipment !== undefined,
      }
    },
    decide({ method, url, headers, body }, faults) {
      const key = keyOf(headers.authorization)
      if (method === 'POST' && url === '/shipments')
        return create(faults, body, key.startsWith('EZAK') ? 'production' : 'test')
      const { target, action } = route(url)
      const later = (finish: (shipment: Shipment) => Answer): Later => ({
        finish: () => {
          const shipment = find(target)
          return shipment ? finish(shipment) : notFound
        },
      })
      if (method === 'GET' && !action) return later((shipment) => answerWith(shipment, 200))
      if (method === 'POST' && action === 'refund') return later((shipment) => refund(faults, shipment))
      const shipment = find(target)
      return method === 'POST' && action && shipment ? buy(faults, shipment, body, key) : notFound
    },
    forgetUnfinished() {
      for (const shipment of shipments) shipment.isBuying = false
    },
  }
}
