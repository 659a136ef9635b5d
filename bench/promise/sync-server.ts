/**
 * The synchronous design for comparison: an API that validates and writes an order as ours does, and calls both
 * vendors before it responds. It writes to the embedded cloud's order table and has no gateway, authorizer or
 * function process in front of it, so any extra time that it takes is the vendors' time.
 */
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import * as z from 'zod/mini'
import { loadSettings } from '../../bin/environments.ts'
import { createOrderRepository } from '../../lambdas/adapters/order-repository.ts'
import { createVendorHttp } from '../../lambdas/adapters/vendor-http.ts'
import { placeOrder } from '../../lambdas/application/place-order.ts'
import { vendorReference } from '../../lambdas/application/vendor-call.ts'
import { orderRequest } from '../../lambdas/domain/order-request.ts'
import { startVendorSimulator } from '../../local/vendor-simulator.ts'
import { connect } from '../../ops/cli/environment.ts'
import { createLogisticsClient, createWmsClient } from '../../vendors/contract/client.ts'
import { contract } from '../../vendors/contract/fake.ts'

const dayMs = 24 * 3_600_000
const { documents, orderTable } = await connect({ env: 'local' })
const vendors = {
  logistics: await startVendorSimulator({ name: 'carrier', protocol: contract.logistics }),
  wms: await startVendorSimulator({ name: 'warehouse', protocol: contract.wms }),
}
const httpOf = (url: string) =>
  createVendorHttp({
    url,
    timeoutMs: 3000,
    auth: 'bearer',
    fetch: globalThis.fetch,
    now: Date.now,
    credential: async () => 'bench',
  })
const carrier = createLogisticsClient(httpOf(vendors.logistics.url), {})
const warehouse = createWmsClient(httpOf(vendors.wms.url), {})
const silent = () => {}
const deps = {
  repository: createOrderRepository(documents, orderTable),
  publisher: { publish: async () => [] },
  telemetry: { info: silent, warn: silent, error: silent, metric: silent },
  // Keeps the embedded cloud's relay from processing these orders during the bench.
  graceMs: dayMs,
  outboxShards: 16,
  limits: {},
  routes: loadSettings('dev').routes,
  now: Date.now,
  random: Math.random,
}

/** Places an order and calls both vendors. @returns the HTTP status */
async function place(body: unknown): Promise<number> {
  const parsed = z.safeParse(orderRequest, body)
  if (!parsed.success) return 400
  const { order } = await placeOrder(deps, {
    body: parsed.data,
    ownerId: 'bench-sync',
    client: 'bench-sync',
    idempotencyKey: undefined,
    requestId: 'bench',
    correlationId: undefined,
    traceparent: 'none',
  })
  const save = async () => {}
  const awb = await carrier.create({ order, reference: vendorReference(order, 0), save })
  if (awb.made !== 'yes') return 502
  const shipment = await warehouse.create({
    order: { ...order, ...awb.facts },
    reference: vendorReference(order, 1),
    save,
  })
  return shipment.made === 'yes' ? 201 : 502
}

const server = createServer(async (request, response) => {
  const body = await json(request)
  response.writeHead(await place(body).catch(() => 500)).end('{}')
}).listen(0, '127.0.0.1', () => process.send?.(server.address()))
process.on('message', ({ vendor, faults }: { vendor: keyof typeof vendors; faults: object }) => {
  vendors[vendor].setFaults(faults)
})
