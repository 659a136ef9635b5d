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
import { createDeadLetters } from './dead-letters.ts'
import { createStories } from './order-report.ts'
import { createSampler } from './sampler.ts'
import { createStream } from './stream.ts'
import { createTopology } from './topology.ts'
import { createTraffic } from './traffic.ts'

const redriveRequest = z.strictObject({ messageId: z.string().optional() })

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
    dynamoDb: { call: (action: string, input: Record<string, unknown>) => Promise<unknown> }
    eventBridge: EventBridge
    stacks: DeployedStack[]
    speed: number
  },
): (() => void) => {
  const { activity, vendors, vendorUrls, sqs, dynamoDb, eventBridge, stacks, speed } = deps
  const resources = stacks.flatMap(({ parts }) => parts)
  const topology = createTopology(resources, vendorUrls)
  const traffic = createTraffic({ activity, vendors, topology })
  const clicks = createClicks({ activity, vendors, topology })
  const sampler = createSampler({ topology, sqs, dynamoDb, vendors })
  const deadLetters = createDeadLetters({ sqs, topology })
  const story = createStories({ vendors, eventBridge, clicks })

  const look = () => ({ ...sampler.sample(), functions: traffic.functions() })
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
  app.get('/_local/dead-letters', () => ({ deadLetters: deadLetters.list() }))
  app.post('/_local/dead-letters/redrive', async ({ body }, reply) => {
    const { data, error } = redriveRequest.safeParse(JSON.parse(String(body ?? '') || '{}'))
    if (!data) return reply.code(400).send({ message: z.prettifyError(error) })
    return { redriven: await deadLetters.redrive(data.messageId) }
  })
  return stream.close
}
