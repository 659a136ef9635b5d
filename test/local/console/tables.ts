import { EventEmitter } from 'node:events'
import { marshall } from '@aws-sdk/util-dynamodb'
import { followTables } from '../../../local/console/tables.ts'
import type { Topology, TopologyEdge, TopologyNode } from '../../../local/console/topology.ts'
import type { Writes } from '../../../local/services/dynamodb.ts'

const lane = (step: string, vendor: string, queue: string) => ({
  step,
  vendor,
  worker: `${vendor}-worker`,
  queue,
  vendorTimeoutMs: 3000,
  ratePerSecond: 50,
})
const deadLetterQueue = (id: string, detail?: string): TopologyNode => ({
  id,
  kind: 'dead-letter-queue',
  arn: id,
  ...(detail && { detail }),
})
const redrive = (from: string, to: string): TopologyEdge => ({
  id: `${from}>${to}`,
  from,
  to,
  kind: 'dead-letter',
})

/** A topology with a carrier's lane, a warehouse's lane and a listener's queue. */
export const topology: Topology = {
  nodes: [
    deadLetterQueue('Carrier/DeadLetterQueue'),
    deadLetterQueue('Carrier/UndeliveredQueue', 'Carrier/Queue'),
    deadLetterQueue('Warehouse/DeadLetterQueue'),
    deadLetterQueue('Mail/DeadLetterQueue'),
  ],
  edges: [
    redrive('Carrier/Queue', 'Carrier/DeadLetterQueue'),
    redrive('Bus', 'Carrier/UndeliveredQueue'),
    redrive('Warehouse/Queue', 'Warehouse/DeadLetterQueue'),
    redrive('Mail/Queue', 'Mail/DeadLetterQueue'),
  ],
  routes: [{ method: 'POST', path: '/orders', function: 'create-order' }],
  lanes: [lane('logistics', 'carrier', 'Carrier/Queue'), lane('wms', 'warehouse', 'Warehouse/Queue')],
  tables: { orders: 'orders', circuits: 'circuits' },
}

/** The console's tables, and a function that writes items to them. */
export const createTables = () => {
  const writes: Writes = new EventEmitter()
  const tables = followTables(writes, topology)
  const put = (table: string, item: object) =>
    writes.emit('write', table, undefined, marshall(item, { removeUndefinedValues: true }) as never)
  return { writes, tables, put }
}

/** An order as its item in the table. */
export const orderItem = (orderId: string, more: object = {}) => ({
  orderId,
  status: 'CREATED',
  total: 100,
  currency: 'EUR',
  createdAt: '2026-11-22T12:00:00.000Z',
  ...more,
})
