import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Option } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { readyStatus } from '../lambdas/domain/chain.ts'
import { CommandError } from './cli/command-error.ts'
import { duration } from './cli/format.ts'
import { type Api, createApi } from './cli/http.ts'
import { durationArgument, jsonOption, print, type Report, type Tool } from './cli/program.ts'

/** What a smoke test works with. */
export interface SmokeDeps {
  api: Api
  /** How long the order may take to the end of the chain, in ms. */
  deadlineMs: number
  now: () => number
}

const pollMs = 500

/** The answer to an order. */
export const receipt = z.object({ orderId: z.string(), status: z.literal('CREATED') })
const view = z.object({
  status: z.string(),
  awb: z.optional(z.string()),
  wmsReference: z.optional(z.string()),
  attention: z.optional(z.object({ state: z.string(), step: z.string(), reason: z.string() })),
})
type View = z.output<typeof view>

/** An order as a shop sends it. `metadata.smoke` lets a vendor's sandbox, a report or a listener recognize a test. */
export const exampleOrder = (reference: string, metadata: Record<string, string>) => ({
  reference,
  currency: 'EUR',
  customer: { name: 'Ada Lovelace' },
  shippingAddress: { name: 'Ada Lovelace', line1: 'Marienplatz 1', city: 'München', country: 'DE' },
  items: [{ sku: 'TEA-1', quantity: 1, unitPrice: 1290, weightGrams: 250 }],
  metadata,
})

const stuck = ({ status, attention }: View): string | undefined => {
  if (status === 'CANCELLING' || status === 'CANCELLED') return 'it was cancelled'
  if (attention?.state === 'dead-lettered')
    return `it is dead-lettered at ${attention.step}, ${attention.reason}: npx orderctl order show says more`
  return undefined
}

/**
 * Places one marked order, twice, as a shop whose connection broke would, and follows it to the end of the chain.
 * @throws {CommandError} with what went wrong, or what it was still waiting for at the deadline
 */
export async function placeAndFollow(deps: SmokeDeps): Promise<Report> {
  const { api, deadlineMs, now } = deps
  const startedAt = now()
  const order = exampleOrder(`smoke-${randomUUID()}`, { smoke: 'true' })
  const { orderId } = z.parse(receipt, (await api('POST', '/orders', order)).body)
  const clickMs = now() - startedAt
  const again = await api('POST', '/orders', order)
  if (z.parse(receipt, again.body).orderId !== orderId || !again.headers.get('idempotency-replayed'))
    throw new CommandError('failed', `The same order placed twice is not the same order: ${orderId}.`)

  for (;;) {
    const seen = z.parse(view, (await api('GET', `/orders/${orderId}`)).body)
    const { status, awb, wmsReference, attention } = seen
    const tookMs = now() - startedAt
    if (status === readyStatus)
      return {
        lines: [
          `Order ${orderId} is ${status} after ${duration(tookMs)}; the click took ${clickMs} ms. AWB ${awb}, warehouse ${wmsReference}.`,
        ],
        json: { orderId, status, awb, wmsReference, clickMs, readyMs: tookMs },
      }
    const obstacle = stuck(seen)
    if (obstacle) throw new CommandError('failed', `Order ${orderId} does not get through: ${obstacle}.`)
    if (tookMs > deadlineMs) {
      const why = attention ? ` (${attention.state} at ${attention.step}: ${attention.reason})` : ''
      throw new CommandError('failed', `Order ${orderId} is still ${status}${why} after ${duration(tookMs)}.`)
    }
    await sleep(pollMs)
  }
}

/** `smoke`. */
export const addTo = (tool: Tool) =>
  tool
    .requiredOption('--url <url>', "the API's URL, such as the stack's output ApiUrl")
    .addOption(
      new Option('--token <token>', 'with the scopes orders/write and orders/read')
        .env('SMOKE_TOKEN')
        .makeOptionMandatory(),
    )
    .option('--deadline <duration>', 'how long the order may take', durationArgument, 120_000)
    .addOption(jsonOption())
    .action(async ({ url, token, deadline, ...options }) => {
      const deps = { api: createApi(url, token), deadlineMs: deadline, now: Date.now }
      // An API's URL says nothing of its environment or account.
      print(await placeAndFollow(deps), options, { endpoint: url })
    })
