/**
 * Loads one bundle, whose AWS calls a stub answers, invokes its handler as often as it is told to, and reports the CPU
 * time of an invocation. One process for each bundle, so that two can be measured in turns.
 */
import { createRequire } from 'node:module'
import * as z from 'zod'
import { stubAws } from './stub-aws.ts'

const command = z.object({ events: z.array(z.unknown()), times: z.int().positive() })

stubAws((action) => (action === 'PutEvents' ? { FailedEntryCount: 0, Entries: [{ EventId: 'bench' }] } : {}))

const { handler } = createRequire(import.meta.url)(process.argv[2] ?? '')
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 25_000 }

process.on('message', async (message) => {
  const { events, times } = command.parse(message)
  const before = process.cpuUsage()
  for (let index = 0; index < times; index += 1) await handler(events[index % events.length], context)
  const { user, system } = process.cpuUsage(before)
  process.send?.({ cpuMs: (user + system) / 1000 / times })
})
process.send?.('ready')
