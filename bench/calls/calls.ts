import type { MeteredWrite } from '../cost/meter.ts'
import { progress } from '../report/progress.ts'
import type { Row } from '../report/row.ts'
import { measureOrderLife, perOrder } from './order-life.ts'

const part = '4 calls'
const listed = (calls: Record<string, number>): string =>
  Object.entries(calls)
    .map(([action, count]) => `${action} ${count}`)
    .join(', ')

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

function writeUnitsRow(of: string, writes: readonly MeteredWrite[]): Row {
  const orders = writes.filter(({ isOrders }) => isOrders)
  const units = {
    orders: sum(orders.map((write) => write.units)),
    'their indexes': sum(orders.map((write) => write.indexUnits)),
    'locks and circuits': sum(writes.filter(({ isOrders }) => !isOrders).map((write) => write.units)),
  }
  return {
    part,
    what: `write units of ${of} for an order`,
    ours: listed(units),
    figure: `${sum(Object.values(units))}`,
  }
}

/** The AWS calls that our functions make for one order without any fault, their units, and the bytes they send. */
export async function measureCalls(): Promise<Row[]> {
  progress(`${part}: one order's life`)
  const { calls, writes, requestBytes, orderBytes } = await measureOrderLife()
  const onPath = perOrder(calls['create-order'] ?? {})
  const inAll = sum(Object.values(calls).map(perOrder))
  const bytes = sum(Object.values(requestBytes))
  // A consistent read of a small item is one unit, as in bench/cost/meter.ts.
  const reads = Object.entries(calls).map(([name, { GetItem = 0 }]) => [name, GetItem] as const)
  return [
    ...Object.entries(calls).map(([name, each]) => ({
      part,
      what: `AWS calls of ${name} for an order`,
      ours: listed(each),
      figure: `${perOrder(each)}`,
      ...(name === 'create-order' && { target: '2', holds: onPath === 2 }),
    })),
    {
      part,
      what: 'AWS calls of all functions for an order, without what an instance reads for itself',
      ours: `${inAll}`,
      figure: `${inAll}`,
      target: '≤ 13',
      holds: inAll <= 13,
    },
    writeUnitsRow('create-order', writes.slice(0, 1)),
    writeUnitsRow('all functions', writes),
    {
      part,
      what: 'read units of all functions for an order: what an instance that has just started reads of its circuit',
      ours: listed(Object.fromEntries(reads)),
      figure: `${sum(reads.map(([, count]) => count))}`,
    },
    {
      part,
      what: 'bytes sent to AWS for an order, against the order as GET answers it',
      ours: `${listed(requestBytes)}: ${bytes} B`,
      baseline: `${orderBytes} B`,
      figure: `${(bytes / orderBytes).toFixed(1)} ×`,
    },
  ]
}
