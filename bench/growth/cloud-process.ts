/**
 * An embedded cloud in a process of its own that counts the AWS calls of each function. Tells its parent where it
 * is, and on any message how many calls each function has made, and how often the relay ran, since the last time.
 */
import { parseArgs } from 'node:util'
import { startCloud } from '../../local/cloud.ts'
import { perOrder } from '../calls/order-life.ts'

const { values } = parseArgs({ options: { speed: { type: 'string', default: '1' } } })
const running = await startCloud({
  port: 0,
  speed: Number(values.speed),
  signal: new AbortController().signal,
  onLog: () => {},
})
let relayRuns = 0
let calls: Record<string, Record<string, number>> = {}
running.activity.on('happening', (happening) => {
  if (happening.type === 'invoke-start' && happening.function === 'outbox-relay') relayRuns += 1
  if (happening.type !== 'aws-call') return
  const { caller, action } = happening
  const known = calls[caller] ?? {}
  calls[caller] = { ...known, [action]: (known[action] ?? 0) + 1 }
})
process.on('message', () => {
  process.send?.({
    calls: Object.entries(calls).map(([caller, made]) => [caller, perOrder(made)]),
    relayRuns,
  })
  calls = {}
  relayRuns = 0
})
process.on('disconnect', () => running.stop())
process.send?.({ url: running.url.replace('localhost', '127.0.0.1') })
