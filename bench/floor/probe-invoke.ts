/**
 * Loads one bundle, whose AWS calls a stub answers, invokes its handler as often as it is told to, and reports the CPU
 * time of an invocation. One process for each bundle, so that two can be measured in turns.
 */
import { createRequire } from 'node:module'
import * as z from 'zod'
import { stubAws } from './stub-aws.ts'

const command = z.object({ events: z.array(z.unknown()), times: z.int().positive() })

/** The order that a claim returns, in DynamoDB's JSON. */
const claimed: unknown = process.env.BENCH_ITEM && JSON.parse(process.env.BENCH_ITEM)
let lastPut = '{}'

stubAws((action, body) => {
  if (action === 'PutItem') lastPut = body
  if (action === 'UpdateItem') return body.includes('ALL_OLD') ? { Attributes: claimed } : {}
  if (action === 'PutEvents') return { FailedEntryCount: 0, Entries: [{ EventId: 'bench' }] }
  if (action === 'GetSecretValue') return { SecretString: 'bench' }
  return {}
})
const awb = JSON.stringify({ reference: 'bench', awb: 'AWB1', trackingUrl: 'https://tracking.example/AWB1' })
const headers = { 'content-type': 'application/json' }
globalThis.fetch = async () => new Response(awb, { status: 201, headers })

const { handler } = createRequire(import.meta.url)(process.argv[2] ?? '')
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 25_000 }

process.on('message', async (message) => {
  const { events, times } = command.parse(message)
  let answer: unknown
  const before = process.cpuUsage()
  for (let index = 0; index < times; index += 1)
    answer = await handler(events[index % events.length], context)
  const { user, system } = process.cpuUsage(before)
  process.send?.({ cpuMs: (user + system) / 1000 / times, answer, item: JSON.parse(lastPut).Item })
})
process.send?.('ready')
