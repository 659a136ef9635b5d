import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import * as z from 'zod'
import { heapOptions } from '../../local/services/lambda-heap.ts'
import { number, progress, type Row, ratio } from '../report.ts'
import { ratiosOf, spreadOf } from '../statistics.ts'
import { bundleBare, ownBundle } from './bundles.ts'
import { functionEnvironment } from './environment.ts'
import { batch, requests } from './events.ts'

const part = '2 floor, warm'
/** Invocations before the first that is measured: by then V8 has optimized the code. */
const warmUp = 4000
/** What the stack gives the functions, in MB. */
const memoryOf = { api: 1024, worker: 256 }
const invoked = z.object({ cpuMs: z.number(), answer: z.unknown(), item: z.unknown() })

/** A process with one bundle loaded, and the heap of a function with so much memory. */
async function start(bundle: string, memoryMb: number, item?: unknown) {
  const child = fork(join(import.meta.dirname, 'probe-invoke.ts'), [bundle], {
    env: {
      ...functionEnvironment,
      ...(item !== undefined && { BENCH_ITEM: JSON.stringify(item) }),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: heapOptions(memoryMb),
  })
  await once(child, 'message')
  return {
    async invoke(events: object[], times: number) {
      child.send({ events, times })
      const [message] = await once(child, 'message')
      return invoked.parse(message)
    },
    stop: () => child.kill(),
  }
}
type Probe = Awaited<ReturnType<typeof start>>

/** CPU time per invocation of both, in turns. */
async function compare(own: Probe, bare: Probe, events: object[], rounds: number, times: number) {
  const cpuMs: { own: number[]; bare: number[] } = { own: [], bare: [] }
  for (const probe of [own, bare]) await probe.invoke(events, Math.max(500, (warmUp * times) / 500))
  for (let round = 0; round < rounds; round += 1) {
    progress(`${part}: round ${round + 1}`)
    // They take turns at going first: the second runs while the machine still feels the first.
    const inTurn = round % 2 === 0 ? ([own, bare] as const) : ([bare, own] as const)
    for (const probe of inTurn)
      cpuMs[probe === own ? 'own' : 'bare'].push((await probe.invoke(events, times)).cpuMs)
  }
  return { own: spreadOf(cpuMs.own), bare: spreadOf(cpuMs.bare), ratio: ratiosOf(cpuMs.own, cpuMs.bare) }
}

const rowOf = (what: string, compared: Awaited<ReturnType<typeof compare>>, per = 1): Row => ({
  part,
  what,
  ours: number(compared.own.median / per, 'ms'),
  baseline: number(compared.bare.median / per, 'ms'),
  figure: ratio(compared.ratio),
  target: '≤ 1.15 ×',
  holds: compared.ratio.median <= 1.15,
})

/** CPU time of create-order per request and of a worker per message, against the same without our frameworks. */
export async function measureWarm(rounds: number): Promise<Row[]> {
  const events = requests(50)
  const own = await start(ownBundle('create-order'), memoryOf.api)
  const bare = await start(bundleBare('bare-create-order'), memoryOf.api)
  const { item } = await own.invoke(events.slice(0, 1), 1)
  const { orderId } = z.object({ orderId: z.object({ S: z.string() }) }).parse(item)
  const click = await compare(own, bare, events, rounds, 500)
  own.stop()
  bare.stop()

  const size = 10
  const messages = [batch(orderId.S, size)]
  const ownWorker = await start(ownBundle('logistics-worker'), memoryOf.worker, item)
  const bareWorker = await start(bundleBare('bare-logistics-worker'), memoryOf.worker, item)
  const message = await compare(ownWorker, bareWorker, messages, rounds, 100)
  ownWorker.stop()
  bareWorker.stop()
  return [
    rowOf('create-order per request, CPU', click),
    rowOf('logistics-worker per message, CPU', message, size),
  ]
}
