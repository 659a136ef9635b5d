import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import type { Activity } from '../activity.ts'
import type { App } from '../http.ts'
import type { DeployedStack } from '../services/cloudformation.ts'
import type { EventBridge } from '../services/event-bridge.ts'
import type { Sqs } from '../services/sqs.ts'
import type { VendorSimulator } from '../vendor-simulator.ts'
import { addAssets } from './assets.ts'
import { createClicks } from './click-latency.ts'
import { deadLettersIn } from './dead-letters.ts'
import { createOperator } from './operator.ts'
import { createStories } from './order-report.ts'
import { type Call, createOrderSearch } from './order-search.ts'
import { createSampler } from './sampler.ts'
import { createStream } from './stream.ts'
import { createTopology } from './topology.ts'
import { createTraffic } from './traffic.ts'

/**
 * The console at `/`: its page, the live stream it watches, and what its buttons do beyond the control API.
 * @returns what ends the open streams
 */
export const addConsole = (
  app: App,
  deps: {
    activity: Activity
    vendors: Record<string, VendorSimulator>
    vendorUrls: Record<string, string>
    sqs: Sqs
    dynamoDb: { call: Call }
    eventBridge: EventBridge
    stacks: DeployedStack[]
    speed: number
    endpoint: string
  },
): (() => void) => {
  const { activity, vendors, vendorUrls, sqs, dynamoDb, eventBridge, stacks, speed, endpoint } = deps
  const resources = stacks.flatMap(({ parts }) => parts)
  const topology = createTopology(resources, vendorUrls)
  const traffic = createTraffic({ activity, vendors, topology })
  const clicks = createClicks({ activity, vendors, topology })
  const sampler = createSampler({ topology, sqs, dynamoDb, vendors })
  const search = createOrderSearch(dynamoDb.call, topology.tables.orders)
  const operate = createOperator(endpoint)
  const story = createStories({ vendors, eventBridge, clicks })

  const look = () => ({
    ...sampler.sample(),
    functions: traffic.functions(),
    placed: clicks.placedLately(),
  })
  let shown: object = {}
  const stream = createStream({
    hello: () => ({ topology, speed, now: Date.now(), state: look(), clicks: clicks.recent() }),
    update: () => {
      const state = look()
      const { moves, hasWritten } = traffic.take()
      const fresh = clicks.take()
      const isSame = isDeepStrictEqual(state, shown)
      if (isSame && !hasWritten && fresh.length === 0 && Object.keys(moves).length === 0) return undefined
      shown = state
      return { now: Date.now(), ...(!isSame && { state }), moves, clicks: fresh, hasWritten }
    },
    onFirst: () => {
      clicks.take()
      traffic.start()
    },
    onLast: traffic.stop,
  })

  addAssets(app)
  app.get('/_local/topology', () => topology)
  app.get('/_local/stream', (_request, reply) =>
    reply.type('text/event-stream').header('cache-control', 'no-store').send(stream.watch()),
  )
  app.get<{ Params: { orderId: string } }>('/_local/orders/:orderId/story', ({ params }) =>
    story(params.orderId),
  )
  app.get('/_local/orders', ({ query }) => search(query))
  app.get('/_local/dead-letters', () => ({ deadLetters: deadLettersIn(sqs, topology) }))
  app.post('/_local/operator', async ({ body }, reply) => {
    try {
      return await operate(JSON.parse(String(body)))
    } catch (error) {
      const message = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
      return reply.code(400).send({ message })
    }
  })
  return stream.close
}
