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

/** A request for a test order. Reports, listeners and vendors' sandboxes recognize it by `metadata.smoke`. */
const exampleOrder = () => ({
  reference: `smoke-${randomUUID()}`,
  currency: 'EUR',
  customer: { name: 'Ada Lovelace' },
  shippingAddress: { name: 'Ada Lovelace', line1: 'Marienplatz 1', city: 'München', country: 'DE' },
  items: [{ sku: 'TEA-1', quantity: 1, unitPrice: 1290, weightGrams: 250 }],
  metadata: { smoke: 'true' },
})

/**
 * Places one test order twice, like a shop that retries after a broken connection, and waits until it is ready.
 * @returns the finished order, and how long the first POST (`clickMs`) and the whole order (`readyMs`) took
 * @throws {CommandError} if the order fails, or is not ready after `deadlineMs`; the message says its status
 */
export async function placeAndFollow(api: Api, deadlineMs: number, now = Date.now) {
  const startedAt = now()
  const order = exampleOrder()
  const { orderId } = z.parse(receipt, (await api('POST', '/orders', order)).body)
  const clickMs = now() - startedAt
  const again = await api('POST', '/orders', order)
  if (z.parse(receipt, again.body).orderId !== orderId || !again.headers.get('idempotency-replayed'))
    throw new CommandError('failed', `Placing order ${orderId} again did not return the same order.`)

  for (;;) {
    const { body } = await api('GET', `/orders/${orderId}`)
    const { status, awb, wmsReference, attention } = z.parse(view, body)
    const readyMs = now() - startedAt
    if (status === readyStatus) return { orderId, status, awb, wmsReference, clickMs, readyMs }
    const why = attention ? ` (${attention.state} at ${attention.step}: ${attention.reason})` : ''
    if (status.startsWith('CANCEL') || attention?.state === 'dead-lettered')
      throw new CommandError('failed', `Order ${orderId} did not get through: it is ${status}${why}.`)
    if (readyMs > deadlineMs)
      throw new CommandError(
        'failed',
        `Order ${orderId} is still ${status}${why} after ${duration(readyMs)}.`,
      )
    await sleep(500)
  }
}

/**
 * A client for an environment's API. It uses the `given` token, or gets one from the environment's own issuer.
 * @throws {CommandError} for prod
 */
export async function apiOf(target: Target, given?: string) {
  if (target.env === 'prod') throw new CommandError('usage', 'Not in prod: vendors would ship the order.')
  const { place, outputs } = await locate(target, 'stateless')
  const url = target.env === 'local' ? place.endpoint : outputs.get('ApiUrl')
  if (url === undefined) throw new CommandError('failed', `The stack of ${target.env} has no ApiUrl.`)
  return { place, api: createApi(url, given ?? (await getToken(target, {})).token) }
}

export const addTo = (tool: Tool) =>
  inEnvironment(tool)
    .addOption(new Option('--token <token>', 'a token from your own issuer').env('SMOKE_TOKEN'))
    .option('--deadline <duration>', 'how long the order may take', durationArgument, 120_000)
    .action(async ({ token, deadline, ...options }) => {
      const { place, api } = await apiOf(options, token)
      tellPlace(place)
      const json = await placeAndFollow(api, deadline)
      const { orderId, status, awb, wmsReference, clickMs, readyMs } = json
      const times = `after ${duration(readyMs)}; POST /orders took ${clickMs} ms`
      const line = `Order ${orderId} is ${status} ${times}. AWB ${awb}, warehouse ${wmsReference}.`
      print({ lines: [line], json }, options, place)
    })
