import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Option } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { readyStatus } from '../lambdas/domain/chain.ts'
import { CommandError } from './cli/command-error.ts'
import { locate, type Target } from './cli/environment.ts'
import { duration, durationArgument } from './cli/format.ts'
import { type Api, createApi } from './cli/http.ts'
import { inEnvironment, print, type Tool, tellPlace } from './cli/program.ts'
import { getToken } from './token.ts'

const receipt = z.object({ orderId: z.string(), status: z.literal('CREATED') })
const view = z.object({
  status: z.string(),
  awb: z.optional(z.string()),
  wmsReference: z.optional(z.string()),
  attention: z.optional(z.object({ state: z.string(), step: z.string(), reason: z.string() })),
})

/** An order as a shop sends it. `metadata.smoke` lets a vendor's sandbox, a report or a listener recognize a test. */
const exampleOrder = () => ({
  reference: `smoke-${randomUUID()}`,
  currency: 'EUR',
  customer: { name: 'Ada Lovelace' },
  shippingAddress: { name: 'Ada Lovelace', line1: 'Marienplatz 1', city: 'München', country: 'DE' },
  items: [{ sku: 'TEA-1', quantity: 1, unitPrice: 1290, weightGrams: 250 }],
  metadata: { smoke: 'true' },
})

/**
 * Places one marked order, twice, as a shop whose connection broke would, and follows it to the end of the chain,
 * which it has to reach within `deadlineMs`.
 * @throws {CommandError} with what went wrong, or what it was still waiting for at the deadline
 */
export async function placeAndFollow(api: Api, deadlineMs: number, now = Date.now) {
  const startedAt = now()
  const order = exampleOrder()
  const { orderId } = z.parse(receipt, (await api('POST', '/orders', order)).body)
  const clickMs = now() - startedAt
  const again = await api('POST', '/orders', order)
  if (z.parse(receipt, again.body).orderId !== orderId || !again.headers.get('idempotency-replayed'))
    throw new CommandError('failed', `The same order placed twice is not the same order: ${orderId}.`)

  for (;;) {
    const { body } = await api('GET', `/orders/${orderId}`)
    const { status, awb, wmsReference, attention } = z.parse(view, body)
    const readyMs = now() - startedAt
    if (status === readyStatus) return { orderId, status, awb, wmsReference, clickMs, readyMs }
    const why = attention ? ` (${attention.state} at ${attention.step}: ${attention.reason})` : ''
    if (status.startsWith('CANCEL') || attention?.state === 'dead-lettered')
      throw new CommandError('failed', `Order ${orderId} does not get through: it is ${status}${why}.`)
    if (readyMs > deadlineMs)
      throw new CommandError(
        'failed',
        `Order ${orderId} is still ${status}${why} after ${duration(readyMs)}.`,
      )
    await sleep(500)
  }
}

/**
 * The API of an environment, with a token of its own issuer if none is given.
 * @throws {CommandError} for prod
 */
export async function apiOf(target: Target, given?: string) {
  if (target.env === 'prod') throw new CommandError('usage', "prod's vendors would ship the order.")
  const { place, outputs } = await locate(target, 'stateless')
  const url = target.env === 'local' ? place.endpoint : outputs.get('ApiUrl')
  if (url === undefined) throw new CommandError('failed', `The stack of ${target.env} has no ApiUrl.`)
  return { place, api: createApi(url, given ?? (await getToken(target, {})).token) }
}

export const addTo = (tool: Tool) =>
  inEnvironment(tool)
    .addOption(new Option('--token <token>', 'of an issuer of your own').env('SMOKE_TOKEN'))
    .option('--deadline <duration>', 'how long the order may take', durationArgument, 120_000)
    .action(async ({ token, deadline, ...options }) => {
      const { place, api } = await apiOf(options, token)
      tellPlace(place)
      const json = await placeAndFollow(api, deadline)
      const { orderId, status, awb, wmsReference, clickMs, readyMs } = json
      const times = `after ${duration(readyMs)}, its click after ${clickMs} ms`
      const line = `Order ${orderId} is ${status} ${times}. AWB ${awb}, warehouse ${wmsReference}.`
      print({ lines: [line], json }, options, place)
    })
