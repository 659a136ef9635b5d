import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { sampleOrder } from '../../test/e2e/orders.ts'
import { type Client, clientOf } from '../cloud.ts'
import { quantile } from '../measure.ts'
import { type FunctionProcess, functionProcessesOf } from './processes.ts'

/** What orders cost our functions. */
export interface Cost {
  /** AWS calls, without what an instance reads for itself. */
  calls: number
  cpuMs: number
  /** How often the relay ran in the meantime. */
  relayRuns: number
}

const started = z.object({ url: z.string() })
const counted = z.object({ calls: z.array(z.tuple([z.string(), z.number()])), relayRuns: z.number() })
const placed = z.object({ orderId: z.string() })
const ledger = z.object({ entries: z.array(z.unknown()) })

/** Whether a function is the relay, which works by the clock and not by the order. */
const isRelay = (functionName: string): boolean => functionName.includes('Relay')

const itemsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    sku: `SKU-${index}`,
    name: `Article number ${index}`,
    quantity: 1,
    unitPrice: 1290,
  }))

/** An embedded cloud of which the cost of its functions is known. */
export type MeteredCloud = Awaited<ReturnType<typeof startMeteredCloud>>

/** Starts an embedded cloud; `speed` divides its waits. */
export async function startMeteredCloud(speed: number) {
  const child = fork(join(import.meta.dirname, 'cloud-process.ts'), ['--speed', `${speed}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
  })
  const [message] = await once(child, 'message')
  const cloud: Client = clientOf(started.parse(message).url)
  const token = await cloud.token()
  const processes = (): FunctionProcess[] => functionProcessesOf(child.pid ?? 0)

  /** What the functions that `counts` names cost while `work` goes on. */
  async function costOf(counts: (functionName: string) => boolean, work: () => Promise<void>): Promise<Cost> {
    const takeCount = async () => {
      child.send('take')
      const [answer] = await once(child, 'message')
      const { calls, relayRuns } = counted.parse(answer)
      return { relayRuns, calls: calls.reduce((sum, [name, count]) => sum + (counts(name) ? count : 0), 0) }
    }
    const cpuAt = () =>
      new Map(processes().flatMap((each) => (counts(each.functionName) ? [[each.pid, each.cpuMs]] : [])))
    await takeCount()
    const before = cpuAt()
    await work()
    const count = await takeCount()
    const cpuMs = [...cpuAt()].reduce((sum, [pid, ms]) => sum + ms - (before.get(pid) ?? 0), 0)
    return { ...count, cpuMs }
  }

  const shipped = async (): Promise<number> =>
    ledger.parse(await cloud.control('GET', '/vendors/wms/ledger')).entries.length

  /** Waits until so many more orders are shipped, and nobody is at anything any more. */
  async function whileShipping(count: number, work: () => Promise<unknown>): Promise<void> {
    const wanted = (await shipped()) + count
    await work()
    while ((await shipped()) < wanted) await sleep(50)
    // The last transition, its event and the lock come after the shipment.
    await sleep(300)
  }

  let serial = 0
  return {
    url: cloud.url,
    /** The most memory that a process of each of the functions had that orders pass, together. */
    peakBytes: (): number => {
      const passed = processes().filter((each) => !isRelay(each.functionName))
      const byFunction = Map.groupBy(passed, (each) => each.functionName)
      const usual = [...byFunction.values()].map((all) =>
        quantile(
          all.map(({ peakBytes }) => peakBytes),
          0.5,
        ),
      )
      return usual.reduce((sum, bytes) => sum + bytes, 0)
    },
    whileShipping,
    /** Places orders from so many buyers at once, and brings them to READY. @returns the cost of one */
    async orderCost(
      count: number,
      buyers: number,
      items = 2,
    ): Promise<Omit<Cost, 'relayRuns'> & { orderId: string }> {
      let left = count
      let orderId = ''
      const buy = async (): Promise<void> => {
        while (left > 0) {
          left -= 1
          serial += 1
          const order = { ...sampleOrder(`growth-${serial}`), items: itemsOf(items) }
          const { status, body } = await cloud.place(token, order)
          if (status !== 201) throw new Error(`POST /orders answered ${status}: ${body}`)
          orderId = placed.parse(JSON.parse(body)).orderId
        }
      }
      const { calls, cpuMs } = await costOf(
        (name) => !isRelay(name),
        () => whileShipping(count, () => Promise.all(Array.from({ length: buyers }, buy))),
      )
      return { calls: calls / count, cpuMs: cpuMs / count, orderId }
    },
    relayCost: (work: () => Promise<void>) => costOf(isRelay, work),
    async stop(): Promise<void> {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}
