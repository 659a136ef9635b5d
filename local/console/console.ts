import { isDeepStrictEqual } from 'node:util'
import type { Activity } from '../activity.ts'
import { addEndpoints } from '../control-api.ts'
import type { App } from '../http.ts'
import type { DeployedStack } from '../services/cloudformation.ts'
import type { DynamoDb } from '../services/dynamodb.ts'
import type { EventBridge } from '../services/event-bridge.ts'
import type { Lambda } from '../services/lambda.ts'
import type { Sqs } from '../services/sqs.ts'
import type { VendorSimulator } from '../vendor-simulator.ts'
import { addAssets } from './assets.ts'
import { createClickLatency } from './click-latency.ts'
import { createOperator } from './operator.ts'
import { createOrderReports } from './order-report.ts'
import { createState } from './state.ts'
import { createStream } from './stream.ts'
import { followTables, searchOrders } from './tables.ts'
import { createTopology } from './topology.ts'
import { createTraffic } from './traffic.ts'

/** While nothing changes, the page still gets an update at this interval, so that its charts advance. */
const quietMs = 2000

/**
 * Adds the console at `/`: its page, its live stream, and the endpoints of its buttons beyond the control API.
 * @returns a function that ends the open streams
 */
export const addConsole = (
  app: App,
  deps: {
    activity: Activity
    vendors: Record<string, VendorSimulator>
    vendorUrls: Record<string, string>
    sqs: Sqs
    dynamoDb: DynamoDb
    eventBridge: EventBridge
    lambda: Pick<Lambda, 'logs'>
    stacks: DeployedStack[]
    speed: number
    endpoint: string
  },
): (() => void) => {
  const { activity, vendors, vendorUrls, sqs, dynamoDb, eventBridge, lambda, stacks, speed, endpoint } = deps
  const resources = stacks.flatMap(({ parts }) => parts)
  const topology = createTopology(resources, vendorUrls)
  const traffic = createTraffic({ activity, vendors, topology })
  const tables = followTables(dynamoDb.writes, topology)
  const latency = createClickLatency({ activity, vendors, topology, orders: tables.orders, speed })
  const { deadLetters, now } = createState({ topology, sqs, tables, vendors })
  const operate = createOperator(endpoint)
  const report = createOrderReports({ vendors, dynamoDb, topology, latency, eventBridge, lambda })

  const state = () => ({ ...now(), functions: traffic.functions(), placed: latency.placedLately() })
  const startedAt = Date.now()
  let last = { now: 0, update: {} }
  const stream = createStream({
    hello: () => ({
      topology,
      speed,
      startedAt,
      now: Date.now(),
      state: state(),
      clicks: latency.clicks.list(),
    }),
    update: () => {
      const update = { state: state(), clicks: latency.take(), moves: traffic.take() }
      if (isDeepStrictEqual(update, last.update) && Date.now() - last.now < quietMs) return undefined
      last = { now: Date.now(), update }
      return { now: last.now, ...update }
    },
  })

  addAssets(app)
  app.get('/_local/stream', (_request, reply) =>
    reply.type('text/event-stream').header('cache-control', 'no-store').send(stream.watch()),
  )
  addEndpoints(app, {
    'GET /orders': (_name, _body, query) => searchOrders(tables.orders, query),
    'GET /orders/:name/report': (orderId) => report(orderId),
    'GET /dead-letters': () => ({ deadLetters: deadLetters() }),
    'POST /operator': (_name, body) => operate(body),
  })
  return stream.close
}
