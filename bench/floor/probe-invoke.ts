/**
 * Loads one bundle, with a stub that answers its AWS calls, invokes the handler as often as it is told to, and reports
 * the CPU time per invocation. Each bundle has a process of its own, so that two can be measured alternately.
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
