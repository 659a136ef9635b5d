import { fork } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { number, progress, type Row, ratio } from '../report.ts'
import { quantile, ratiosOf, spreadOf } from '../statistics.ts'
import { bundleNothing, bundleStockClients, clientsOf, ownBundle, shareOfStock } from './bundles.ts'
import { functionEnvironment } from './environment.ts'

const part = '3 floor, cold'
const probed = z.object({ cpuMs: z.number() })

/** CPU time of loading a bundle in a process of its own, in ms. */
async function initOf(bundle: string): Promise<number> {
  const child = fork(join(import.meta.dirname, 'probe-init.cjs'), [bundle], {
    env: { ...functionEnvironment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  })
  const [message] = await once(child, 'message')
  await once(child, 'exit')
  return probed.parse(message).cpuMs
}

/** Compares size and init time of every function with a bundle of its stock clients, alternating between both. */
export async function measureCold(rounds: number): Promise<Row[]> {
  const nothing = bundleNothing()
  const rows: Row[] = []
  for (const name of Object.keys(clientsOf)) {
    const buyerWaits = name === 'create-order'
    const [own, stock] = [ownBundle(name), bundleStockClients(name)]
    const times: Record<'own' | 'stock' | 'idle', number[]> = { own: [], stock: [], idle: [] }
    // A third of the rounds is enough for functions that no buyer waits for.
    for (let round = 0; round < (buyerWaits ? rounds : Math.ceil(rounds / 3)); round += 1) {
      progress(`${part}: ${name}, round ${round + 1}`)
      times.own.push(await initOf(own))
      times.stock.push(await initOf(stock))
      times.idle.push(await initOf(nothing))
    }
    const idle = quantile(times.idle, 0.5)
    const initRatio = ratiosOf(
      times.own.map((ms) => ms - idle),
      times.stock.map((ms) => ms - idle),
    )
    const [ownKib, stockKib] = [statSync(own).size / 1024, statSync(stock).size / 1024]
    rows.push(
      {
        part,
        what: `${name}: bundle`,
        ours: number(ownKib, 'KiB'),
        baseline: number(stockKib, 'KiB'),
        figure: `${(ownKib / stockKib).toFixed(3)} ×`,
        ...(buyerWaits && { target: `≤ ${shareOfStock} ×`, holds: ownKib / stockKib <= shareOfStock }),
      },
      {
        part,
        what: `${name}: init, CPU`,
        ours: number(spreadOf(times.own).median - idle, 'ms'),
        baseline: number(spreadOf(times.stock).median - idle, 'ms'),
        figure: ratio(initRatio),
        ...(buyerWaits && { target: '≤ 0.9 ×', holds: initRatio.median <= 0.9 }),
      },
    )
  }
  return rows
}
