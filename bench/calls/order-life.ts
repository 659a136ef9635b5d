import { startCloud } from '../../local/cloud.ts'
import { sampleOrder } from '../../test/e2e/orders.ts'
import { clientOf } from '../cloud.ts'
import { type MeteredWrite, meterWrites } from '../cost/meter.ts'
import { tapAwsCalls } from './wiretap.ts'

/** The AWS calls that one function made for one order, by action. */
export type CallCounts = Record<string, Record<string, number>>

/** What a life of an order took. */
export interface OrderLife {
  calls: CallCounts
  /** The writes to tables, in their order: create-order's is the first. */
  writes: MeteredWrite[]
  /** Bytes that each function sent. */
  requestBytes: Record<string, number>
  /** The order as GET answers it in the end. */
  orderBytes: number
}

/** What every instance reads once, or once in a while, and no order by itself. */
const perInstance = new Set(['GetSecretValue', 'GetItem'])

/** How many of the calls belong to the order and not to the instance that made them. */
export const perOrder = (calls: Record<string, number>): number =>
  Object.entries(calls).reduce((sum, [action, count]) => sum + (perInstance.has(action) ? 0 : count), 0)

/** The functions in the order in which an order meets them: each makes its first call in its turn. */
const functions = ['create-order', 'logistics-worker', 'wms-worker']

/**
 * Brings one order without any fault through an embedded cloud in this process, from instances that have just
 * started, and counts the calls that our functions make for it, and what AWS would meter of their writes.
 */
export async function measureOrderLife(): Promise<OrderLife> {
  const aborting = new AbortController()
  const tap = tapAwsCalls()
  const writes: MeteredWrite[] = []
  const stopMeter = meterWrites((write) => writes.push(write))
  const running = await startCloud({ port: 0, speed: 1, signal: aborting.signal, onLog: () => {} })
  const cloud = clientOf(running.url)
  try {
    const token = await cloud.token()
    tap.take()
    writes.length = 0
    const placed = await cloud.place(token, sampleOrder('bench-life'))
    if (placed.status !== 201) throw new Error(`POST /orders answered ${placed.status}`)
    const calls = tap.take()
    // The last call of an order's life removes what it owes; the lock is released after it.
    const isOver = () => calls.filter(({ action }) => action === 'UpdateItem').length >= 7
    for (let waitedMs = 0; !isOver() && waitedMs < 20_000; waitedMs += 50) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      calls.push(...tap.take())
    }
    // Nobody may call after that: a call too many is what the gate is there for.
    await new Promise((resolve) => setTimeout(resolve, 500))
    calls.push(...tap.take())
    const order = await cloud.order(token, JSON.parse(placed.body).orderId)

    const counts: CallCounts = {}
    const bytes: Record<string, number> = {}
    const keys: string[] = []
    for (const { accessKeyId, action, requestBytes } of calls) {
      if (!keys.includes(accessKeyId)) keys.push(accessKeyId)
      const name = functions[keys.indexOf(accessKeyId)] ?? accessKeyId
      counts[name] = { ...counts[name], [action]: (counts[name]?.[action] ?? 0) + 1 }
      bytes[name] = (bytes[name] ?? 0) + requestBytes
    }
    return {
      calls: counts,
      writes,
      requestBytes: bytes,
      orderBytes: Buffer.byteLength(JSON.stringify(order)),
    }
  } finally {
    tap.stop()
    stopMeter()
    aborting.abort()
    await running.stop()
  }
}
