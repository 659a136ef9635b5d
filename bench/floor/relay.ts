import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { marshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod'
import { heapOptions } from '../../local/services/lambda-instances.ts'
import { storedOrder, vendors } from '../../test/builders.ts'
import { number, progress, type Row } from '../report.ts'
import { ownBundle } from './bundles.ts'
import { functionEnvironment } from './environment.ts'

const part = '8 relay'
/** The relay's memory in the stack, in MB; it gives one vCPU. */
const memoryMb = 1769
/** Messages sent before measuring, so that V8 has optimized the code and grown its heap. */
const warmUp = 10_000
const probed = z.record(z.enum(['sent', 'cpuMs', 'idleMs', 'peakMib', 'sentBesideAfter']), z.number())

const stepOf = ([step, vendor]: [string, string]) => ({
  step,
  vendor,
  queueUrl: `http://aws.invalid/0/${vendor}`,
  deadLetterQueueUrl: `http://aws.invalid/0/${vendor}-dlq`,
  ratePerSecond: 1_000_000,
})

/** Measures the relay with backlogs of several sizes, one after the other in one instance. */
export async function measureRelay(backlogs: readonly number[]): Promise<Row[]> {
  const item = JSON.stringify(marshall(storedOrder({}), { removeUndefinedValues: true }))
  const child = fork(join(import.meta.dirname, 'probe-relay.ts'), [ownBundle('outbox-relay'), item], {
    env: { ...functionEnvironment, LANES: JSON.stringify(Object.entries(vendors).map(stepOf)) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: heapOptions(memoryMb),
  })
  await once(child, 'message')
  const all: z.output<typeof probed>[] = []
  for (const backlog of [warmUp, ...backlogs]) {
    progress(`${part}: ${backlog} orders`)
    child.send(backlog)
    const result = probed.parse((await once(child, 'message'))[0])
    if (!result.sent) throw new Error('The relay sends nothing of what the stub makes up')
    all.push(result)
  }
  child.kill()

  const results = all.slice(1)
  const sizes = backlogs.map((backlog) => backlog.toLocaleString('en-US')).join(', ')
  // CPU time plus idle time is the time on a vCPU of its own, without the machine's other work.
  const rates = results.map(({ sent, cpuMs, idleMs }) => (1000 * sent) / (cpuMs + idleMs))
  const peaks = results.map(({ peakMib }) => peakMib)
  const growth = Math.max(...peaks) / Math.min(...peaks)
  const after = Math.max(...results.map(({ sentBesideAfter }) => sentBesideAfter))
  const { cpuMs = Number.NaN, sent = 1 } = results.at(-1) ?? {}
  return [
    {
      part,
      what: `backlogs of ${sizes} orders, AWS calls of 8 ms`,
      ours: `${rates.map((rate) => rate.toFixed(0)).join(', ')} orders/s`,
      figure: `${number(cpuMs / sent, 'ms')} of CPU an order`,
      target: '≥ 1,000/s',
      holds: Math.min(...rates) >= 1000,
    },
    {
      part,
      what: `peak memory with backlogs of ${sizes} orders`,
      ours: `${peaks.map((peak) => peak.toFixed(0)).join(', ')} MiB`,
      figure: `${growth.toFixed(2)} ×`,
      target: '≤ 1.10 ×',
      holds: growth <= 1.1,
    },
    {
      part,
      what: 'ten orders of another step and ten announcements, due beside them',
      ours: `sent after ${after} of them`,
      figure: `${(after / 100).toFixed(1)} slices of the relay's`,
      target: '≤ 2',
      holds: after <= 200,
    },
  ]
}
