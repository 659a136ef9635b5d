import { progress } from '../report/progress.ts'
import type { Row } from '../report/row.ts'
import { measureOrderLife, perOrder } from './order-life.ts'

const part = '4 calls'
const listed = (calls: Record<string, number>): string =>
  Object.entries(calls)
    .map(([action, count]) => `${action} ${count}`)
    .join(', ')

/** The AWS calls that our functions make for one order without any fault, and the bytes that they send. */
export async function measureCalls(): Promise<Row[]> {
  progress(`${part}: one order's life`)
  const { calls, requestBytes, orderBytes } = await measureOrderLife()
  const onPath = perOrder(calls['create-order'] ?? {})
  const inAll = Object.values(calls).reduce((sum, each) => sum + perOrder(each), 0)
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
    {
      part,
      what: 'bytes sent to AWS for an order, against the order as GET answers it',
      ours: `${requestBytes} B`,
      baseline: `${orderBytes} B`,
      figure: `${(requestBytes / orderBytes).toFixed(1)} ×`,
    },
  ]
}
