import { setTimeout as sleep } from 'node:timers/promises'
import { quantile, ratiosOf, type Spread, spreadOf } from '../measure.ts'
import { progress } from '../report/progress.ts'
import { number, type Row, ratio } from '../report/row.ts'
import { type MeteredCloud, startMeteredCloud } from './cloud.ts'
import { anotherLike, openOrders, unconsumed } from './tables.ts'

const part = '5 growth'
/** The relay runs every five seconds then, and an order has as long to get through before it looks after it. */
const speed = 12
/** Orders that each cloud handles before anything counts, and in each round. */
const [warmUp, perRound] = [1000, 64]
const mostGrowth = 1.1

/** Something that grows, and what an order costs at each of its sizes. */
interface Dimension {
  of: string
  values: readonly number[]
  buyersAt?: (value: number) => number
  itemsAt?: (value: number) => number
  /** How many orders there are in the table beforehand. */
  ordersAt?: (value: number) => number
}

const median = (values: readonly number[]): number => quantile(values, 0.5)

const text = (values: readonly number[], unit = ''): string =>
  `${values.map((value) => (Number.isInteger(value) ? `${value}` : number(value))).join(' → ')}${unit && ` ${unit}`}`

async function fill(cloud: MeteredCloud, orderId: string, count: number): Promise<void> {
  const orders = await openOrders(cloud.url)
  const finished = await orders.read(orderId)
  await orders.fill(count, (index) => anotherLike(finished, `filled-${index}`))
  orders.close()
}

const rowOf = (what: string, medians: readonly number[], unit: string, compared: Spread): Row => ({
  part,
  what,
  ours: text(medians, unit),
  figure: ratio(compared),
  target: `≤ ${mostGrowth} ×`,
  holds: compared.median <= mostGrowth,
})

/** Brings orders through clouds of all sizes in turns, and compares what one costs in the largest and the smallest. */
async function grow(dimension: Dimension, rounds: number): Promise<{ rows: Row[]; clouds: MeteredCloud[] }> {
  const { of, values, buyersAt = () => 8, itemsAt = () => 2, ordersAt = () => 0 } = dimension
  const runs = []
  for (const value of values) {
    progress(`${part}: ${value} ${of}`)
    const cloud = await startMeteredCloud(speed)
    const { orderId } = await cloud.orderCost(warmUp, buyersAt(value), itemsAt(value))
    await fill(cloud, orderId, Math.max(0, ordersAt(value) - warmUp))
    runs.push({ value, cloud, calls: [] as number[], cpuMs: [] as number[] })
  }
  for (let round = 0; round < rounds; round += 1)
    for (const { value, cloud, calls, cpuMs } of round % 2 === 0 ? runs : runs.toReversed()) {
      progress(`${part}: ${value} ${of}, round ${round + 1}`)
      const cost = await cloud.orderCost(perRound, buyersAt(value), itemsAt(value))
      calls.push(cost.calls)
      cpuMs.push(cost.cpuMs)
    }
  const [first, last] = [runs.at(0), runs.at(-1)]
  if (!first || !last) throw new Error('Nothing grows')
  const what = (cost: string) => `${cost}: ${text(values)} ${of}`
  const mib = runs.map(({ cloud }) => cloud.peakBytes() / 2 ** 20)
  const grown = (mib.at(-1) ?? 0) / (mib[0] ?? 0)
  const rows = [
    rowOf(
      what('AWS calls for an order'),
      runs.map(({ calls }) => median(calls)),
      '',
      ratiosOf(last.calls, first.calls),
    ),
    rowOf(
      what('CPU of all functions for an order'),
      runs.map(({ cpuMs }) => median(cpuMs)),
      'ms',
      ratiosOf(last.cpuMs, first.cpuMs),
    ),
    rowOf(what('most memory of a process of each function, together'), mib, 'MiB', spreadOf([grown])),
  ]
  return { rows, clouds: runs.map(({ cloud }) => cloud) }
}

/** What the relay does in a run with nothing to do, and for each order that nobody has taken up. */
async function relayCosts(cloud: MeteredCloud, unconsumedOrders: number) {
  const idle = await cloud.relayCost(() => sleep((3 * 60_000) / speed))
  const orders = await openOrders(cloud.url)
  const { orderId } = await cloud.orderCost(1, 1)
  const finished = await orders.read(orderId)
  const prefix = `unconsumed-${Date.now()}`
  const busy = await cloud.relayCost(() =>
    cloud.whileShipping(unconsumedOrders, () =>
      orders.fill(unconsumedOrders, (index) => unconsumed(anotherLike(finished, `${prefix}-${index}`))),
    ),
  )
  orders.close()
  const perRun = idle.calls / idle.relayRuns
  return { perRun, perOrder: (busy.calls - perRun * busy.relayRuns) / unconsumedOrders }
}

const relayRow = (what: string, calls: readonly number[]): Row =>
  rowOf(what, calls, '', spreadOf([(calls.at(-1) ?? 0) / (calls[0] ?? 0)]))

/** What an order costs as tables fill, buyers come at once and orders have more items; and what the relay costs. */
export async function measureGrowth(sizes: readonly number[], rounds: number): Promise<Row[]> {
  const stored = await grow({ of: 'orders in the tables', values: sizes, ordersAt: (value) => value }, rounds)
  const rows = [...stored.rows]
  const [small, large] = [stored.clouds.at(0), stored.clouds.at(-1)]
  if (!small || !large) throw new Error('Nothing grows')
  progress(`${part}: relay`)
  const few = await relayCosts(small, 100)
  const many = await relayCosts(large, 100)
  const most = await relayCosts(large, 1000)
  const [fewest, greatest] = [sizes[0] ?? 0, sizes.at(-1) ?? 0]
  rows.push(
    relayRow(
      `AWS calls of a run of the relay with nothing to do: ${fewest} → ${greatest} orders in the tables`,
      [few.perRun, many.perRun],
    ),
    relayRow(`AWS calls of the relay for an unconsumed order: ${fewest} → ${greatest} orders in the tables`, [
      few.perOrder,
      many.perOrder,
    ]),
    relayRow(`AWS calls of the relay for an unconsumed order: 100 → 1000 unconsumed of ${greatest}`, [
      many.perOrder,
      most.perOrder,
    ]),
  )
  for (const cloud of stored.clouds) await cloud.stop()

  const dimensions: Dimension[] = [
    { of: 'buyers at once', values: [1, 4, 16, 64], buyersAt: (value) => value },
    { of: 'items in an order', values: [1, 10, 100], itemsAt: (value) => value },
  ]
  for (const dimension of dimensions) {
    const { rows: grown, clouds } = await grow(dimension, rounds)
    rows.push(...grown)
    for (const cloud of clouds) await cloud.stop()
  }
  return rows
}
