import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import type { Circuit } from '../../../lambdas/adapters/circuit-breaker.ts'
import { createStepQueue, type StepQueue } from '../../../lambdas/adapters/step-queue.ts'
import { createRelay, type RelayDeps } from '../../../lambdas/application/relay.ts'
import type { StepName } from '../../../lambdas/domain/chain.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { statusMark } from '../../../lambdas/domain/outbox.ts'
import { forEachStep } from '../../../lib/steps.ts'
import { at, graceMs, nonce, orderIdAt, t0 } from '../../builders.ts'
import { createWorld } from '../step-world.ts'

export const backoffMs = [60_000, 120_000, 240_000, 480_000, 900_000]

/** The world of a relay that looks after two steps: by its clock everything from t0 is due. */
export async function createRelayWorld() {
  const world = await createWorld()
  const circuits: Partial<Record<StepName, Circuit | Error>> = {}
  const { queue } = world.deps()
  const rates = forEachStep(() => 10)
  const wms = createStepQueue(world.sqsClient, {
    queueUrl: 'wms-queue',
    deadLetterQueueUrl: 'wms-dlq',
    waitUnitMs: 1000,
  })
  const step = (name: StepName, stepQueue: StepQueue) => ({
    step: name,
    vendor: `vendor-of-${name}`,
    ratePerSecond: rates[name],
    queue: stepQueue,
    readCircuit: async (): Promise<Circuit> => {
      const circuit = circuits[name] ?? { state: 'closed', failures: 0 }
      if (circuit instanceof Error) throw circuit
      return circuit
    },
  })
  return {
    ...world,
    circuits,
    /** What the steps' vendors take in a second. */
    rates,
    /** Says how many messages the queues hold. */
    holds: (visible: number, inFlight = 0, delayed = 0) =>
      world.sqs.on(GetQueueAttributesCommand).resolves({
        Attributes: {
          ApproximateNumberOfMessages: `${visible}`,
          ApproximateNumberOfMessagesNotVisible: `${inFlight}`,
          ApproximateNumberOfMessagesDelayed: `${delayed}`,
        },
      }),
    /** Puts an order into the table that is due so long after t0, and answers it. */
    due: (number: number, change: Partial<Order> = {}, dueMs = -1000): Promise<Order> => {
      const orderId = orderIdAt(number)
      const mark = statusMark({ orderId, nonce }, change.status ?? 'CREATED', t0 + dueMs)
      return world.given({ orderId, ...mark, ...change })
    },
    /** The marks of the orders: when they are due, and how often they were sent. */
    marks: async (...numbers: number[]) => {
      const orders = await Promise.all(numbers.map((number) => world.stored(orderIdAt(number))))
      return orders.map(({ outboxDueAt, outboxSends }) => [outboxDueAt, outboxSends])
    },
    /** Runs the relay once. */
    run: (change: Partial<RelayDeps> = {}, remainingMs = 50_000) =>
      createRelay({
        steps: [step('logistics', queue), step('wms', wms)],
        repository: world.repository,
        publisher: world.publisher,
        telemetry: world.record.telemetry,
        now: world.clock.now,
        intervalMs: 60_000,
        backoffMs,
        graceMs,
        ...change,
      })(() => remainingMs),
  }
}
/** See {@link createRelayWorld}. */
export type RelayWorld = Awaited<ReturnType<typeof createRelayWorld>>

/** The mark of an order whose first sending was refused. */
export const postponed: [string, number] = [at(backoffMs[0] ?? 0), 0]

/** The moment until which a sending that was the so-many-th is left alone, plus what its message is delayed. */
export const pushed = (sends: number, delayMs = 0): [string, number] => [
  at((backoffMs[sends - 1] ?? 900_000) + delayMs),
  sends,
]
