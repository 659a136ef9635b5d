import { setTimeout as sleep } from 'node:timers/promises'
import { loadSettings } from '../bin/environments.ts'
import { laneIdOf } from '../lib/names.ts'
import { startCloud } from '../local/cloud.ts'
import { Cloud } from '../test/e2e/cloud.ts'
import { sampleOrder } from '../test/e2e/orders.ts'
import { localVendors } from '../vendors/local.ts'
import { progress, type Row } from './report.ts'

const part = '4 calls'
const lanes = Object.entries(loadSettings('dev').vendors)
/** The functions that process an order, by their constructs. Listeners are not counted. */
const functions = [
  ['ApiCreateOrder', 'create-order'] as const,
  ...lanes.map(([name, { step }]) => [`${laneIdOf(step, name)}Worker`, `${step}-worker`] as const),
]
/** The order does not go to these vendors, and nothing listens at their URL. */
const unplayed = lanes.filter(([name]) => !localVendors.some((played) => played.name === name))
const vendorUrls = Object.fromEntries(unplayed.map(([name]) => [name, 'http://localhost:9']))

/** Calls that an instance makes once or now and then, not for every order. */
const perInstance = new Set(['GetSecretValue', 'GetItem'])

/** The number of AWS calls, by function and action. */
export type CallCounts = Record<string, Record<string, number>>

const perOrder = (calls: Record<string, number>): number =>
  Object.entries(calls).reduce((sum, [action, count]) => sum + (perInstance.has(action) ? 0 : count), 0)

/**
 * Counts the AWS calls that our functions make for one order without any fault. It runs an embedded cloud in this
 * process, with instances that have just started.
 */
export async function countCallsOfOneOrder(): Promise<CallCounts> {
  const signal = new AbortController().signal
  const running = await startCloud({ port: 0, speed: 1, vendorUrls, signal, onLog: () => {} })
  const cloud = new Cloud(running.url, undefined, running.stop)
  const counts: CallCounts = {}
  const lastEvent = Promise.withResolvers<void>()
  running.activity.on('activity', (event) => {
    if (event.type === 'event-published' && event.detailType === 'READY_FOR_FULFILLMENT') lastEvent.resolve()
    if (event.type !== 'aws-call') return
    const { caller, action } = event
    const [, name] = functions.find(([construct]) => caller.includes(`-stateless-${construct}`)) ?? []
    if (name === undefined) return
    counts[name] = { ...counts[name], [action]: (counts[name]?.[action] ?? 0) + 1 }
  })
  try {
    const { status } = await cloud.place(await cloud.token(), sampleOrder('bench-calls'))
    if (status !== 201) throw new Error(`POST /orders answered ${status}`)
    await lastEvent.promise
    // Clearing the mark and releasing the lock follow the last event; calls after them must be counted too.
    await sleep(1000)
    return counts
  } finally {
    await cloud.stop()
  }
}

/** Measures the AWS calls for one order: in the request, and of all functions together. */
export async function measureCalls(): Promise<Row[]> {
  progress(`${part}: one order`)
  const counts = await countCallsOfOneOrder()
  const sums = Object.entries(counts).map(([name, calls]) => [name, perOrder(calls)] as const)
  const click = counts['create-order'] ?? {}
  const all = sums.reduce((sum, [, calls]) => sum + calls, 0)
  return [
    {
      part,
      what: 'AWS calls of create-order for an order',
      ours: Object.keys(click).join(', '),
      figure: `${perOrder(click)}`,
      target: '2',
      holds: perOrder(click) === 2,
    },
    {
      part,
      what: 'AWS calls of all functions for an order, without what an instance reads for itself',
      ours: sums.map(([name, calls]) => `${name} ${calls}`).join(', '),
      figure: `${all}`,
      target: '≤ 13',
      holds: all <= 13,
    },
  ]
}
