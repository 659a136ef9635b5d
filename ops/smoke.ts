import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Option } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { readyStatus } from '../lambdas/domain/chain.ts'
import { CommandError } from './cli/command-error.ts'
import { duration, durationArgument } from './cli/format.ts'
import { type Api, createApi } from './cli/http.ts'
import { jsonOption, print, type Tool, tell } from './cli/program.ts'

const pollMs = 500

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
    const { status, awb, wmsReference, attention } = z.parse(
      view,
      (await api('GET', `/orders/${orderId}`)).body,
    )
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
    await sleep(pollMs)
  }
}

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
      // An API's URL says nothing of its environment or account.
      tell(url)
      const json = await placeAndFollow(createApi(url, token), deadline)
      const { orderId, status, awb, wmsReference, clickMs, readyMs } = json
      const times = `after ${duration(readyMs)}, its click after ${clickMs} ms`
      const line = `Order ${orderId} is ${status} ${times}. AWB ${awb}, warehouse ${wmsReference}.`
      print({ lines: [line], json }, options, { endpoint: url })
    })
