import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod/mini'
import type { Report } from '../frame/cli.ts'
import { CommandError } from '../frame/command-error.ts'
import { duration } from '../frame/words.ts'

/** What a smoke test works with. */
export interface SmokeParts {
  /** The API's URL. */
  url: string
  token: string
  /** How long the order may take to READY_FOR_FULFILLMENT, in ms. */
  deadlineMs: number
  fetch: typeof globalThis.fetch
  now: () => number
}

const pollMs = 500
/** A click that takes longer than this has failed, whatever it answers. */
const clickTimeoutMs = 10_000

const receipt = z.object({ orderId: z.string(), status: z.literal('CREATED') })
const view = z.object({
  status: z.string(),
  awb: z.optional(z.string()),
  wmsReference: z.optional(z.string()),
  attention: z.optional(z.object({ state: z.string(), step: z.string(), reason: z.string() })),
})
type View = z.output<typeof view>

/** Nobody's order: `metadata.smoke` is how a vendor's sandbox, a report or a listener can tell. */
const smokeOrder = (reference: string) => ({
  reference,
  currency: 'EUR',
  customer: { name: 'Smoke Test' },
  shippingAddress: {
    name: 'Smoke Test',
    line1: 'Marienplatz 1',
    city: 'München',
    postalCode: '80331',
    country: 'DE',
  },
  items: [{ sku: 'SMOKE-1', quantity: 1, unitPrice: 100, weightGrams: 100 }],
  metadata: { smoke: 'true' },
})

const stuck = ({ status, attention }: View): string | undefined => {
  if (status === 'CANCELLED') return 'it was cancelled'
  if (attention?.state === 'dead-lettered')
    return `step ${attention.step} gave it up, ${attention.reason}: npm run order -- show tells its story`
  return undefined
}

/**
 * Places one marked order, twice, as a shop whose connection broke would, and follows it until the warehouse has it.
 * @throws {CommandError} with what went wrong, or what it was still waiting for at the deadline
 */
export async function placeAndFollow(deps: SmokeParts): Promise<Report> {
  const { url, token, deadlineMs, fetch, now } = deps
  const startedAt = now()

  async function ask(method: 'GET' | 'POST', path: string, body?: unknown) {
    const target = `${url.replace(/\/$/, '')}${path}`
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const response = await fetch(target, { ...init, signal: AbortSignal.timeout(clickTimeoutMs) }).catch(
      (cause) => {
        throw new CommandError('failed', `${method} ${target} got no answer.`, { cause })
      },
    )
    const text = await response.text()
    if (response.ok) return { body: JSON.parse(text), headers: response.headers }
    throw new CommandError('failed', `${method} ${target} answered ${response.status}: ${text.slice(0, 300)}`)
  }

  const order = smokeOrder(`smoke-${randomUUID()}`)
  const { orderId } = z.parse(receipt, (await ask('POST', '/orders', order)).body)
  const clickMs = now() - startedAt
  const again = await ask('POST', '/orders', order)
  if (z.parse(receipt, again.body).orderId !== orderId || !again.headers.get('idempotency-replayed'))
    throw new CommandError('failed', `The same order placed twice is not the same order: ${orderId}.`)

  for (;;) {
    const seen = z.parse(view, (await ask('GET', `/orders/${orderId}`)).body)
    const { status, awb, wmsReference, attention } = seen
    const tookMs = now() - startedAt
    if (status === 'READY_FOR_FULFILLMENT')
      return {
        text: `Order ${orderId} is READY_FOR_FULFILLMENT after ${duration(tookMs)}; the click took ${clickMs} ms. AWB ${awb}, warehouse ${wmsReference}.`,
        json: { orderId, status, awb, wmsReference, clickMs, readyMs: tookMs },
      }
    const end = stuck(seen)
    if (end) throw new CommandError('failed', `Order ${orderId} does not get through: ${end}.`)
    if (tookMs > deadlineMs) {
      const why = attention ? ` (${attention.state} at ${attention.step}: ${attention.reason})` : ''
      throw new CommandError('failed', `Order ${orderId} is still ${status}${why} after ${duration(tookMs)}.`)
    }
    await sleep(pollMs)
  }
}
