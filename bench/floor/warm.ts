import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import * as z from 'zod'
import { heapOptions } from '../../local/services/lambda-instances.ts'
import { number, progress, type Row, ratio } from '../report.ts'
import { ratiosOf, spreadOf } from '../statistics.ts'
import { bundleBare, ownBundle } from './bundles.ts'
import { functionEnvironment } from './environment.ts'
import { requests } from './events.ts'

const part = '2 floor, warm'
/** Invocations before measuring, so that V8 has optimized the code. */
const warmUp = 4000
/** The function's memory in the stack, in MB. */
const memoryMb = 1024
const invoked = z.object({ cpuMs: z.number() })

/** Starts a process with one bundle loaded and the heap size of its function. */
async function start(bundle: string) {
  const child = fork(join(import.meta.dirname, 'probe-invoke.ts'), [bundle], {
    env: functionEnvironment,
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

/** CPU time per invocation of both bundles, measured alternately. */
async function compare(own: Probe, bare: Probe, events: object[], rounds: number, times: number) {
  const cpuMs: { own: number[]; bare: number[] } = { own: [], bare: [] }
  for (const probe of [own, bare]) await probe.invoke(events, Math.max(500, (warmUp * times) / 500))
  for (let round = 0; round < rounds; round += 1) {
    progress(`${part}: round ${round + 1}`)
    // They alternate in going first, because the first run may slow the second down.
    const inTurn = round % 2 === 0 ? ([own, bare] as const) : ([bare, own] as const)
    for (const probe of inTurn)
      cpuMs[probe === own ? 'own' : 'bare'].push((await probe.invoke(events, times)).cpuMs)
  }
  return { own: spreadOf(cpuMs.own), bare: spreadOf(cpuMs.bare), ratio: ratiosOf(cpuMs.own, cpuMs.bare) }
}

/** Compares create-order's CPU time per request with the same handler without our frameworks. */
export async function measureWarm(rounds: number): Promise<Row[]> {
  const own = await start(ownBundle('create-order'))
  const bare = await start(bundleBare('bare-create-order'))
  const click = await compare(own, bare, requests(50), rounds, 500)
  own.stop()
  bare.stop()
  return [
    {
      part,
      what: 'create-order per request, CPU',
      ours: number(click.own.median, 'ms'),
      baseline: number(click.bare.median, 'ms'),
      figure: ratio(click.ratio),
      target: '≤ 1.15 ×',
      holds: click.ratio.median <= 1.15,
    },
  ]
}
