import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import type { Circuit } from '../../../../lambdas/adapters/circuit.ts'
import { createLease } from '../../../../lambdas/adapters/lease.ts'
import { createStepQueue, type StepQueue } from '../../../../lambdas/adapters/step-queue.ts'
import type { RelayDeps, ShardGroup } from '../../../../lambdas/application/relay/relay-deps.ts'
import { createRelay } from '../../../../lambdas/application/relay.ts'
import type { StepName } from '../../../../lambdas/domain/chain.ts'
import type { Order } from '../../../../lambdas/domain/order.ts'
import { statusMark } from '../../../../lambdas/domain/outbox.ts'
import { at, graceMs, nonce, orderIdAt, t0, vendors } from '../../../builders.ts'
import { forEachStep } from '../../../for-each-step.ts'
import { createWorld } from '../../step-world.ts'

/** How long an order may wait until a person is told. */
export const dayMs = 86_400_000
export const backoffMs = [60_000, 120_000, 240_000, 480_000, 900_000]

/** The world of a relay that looks after two steps: by its clock everything from t0 is due. */
export async function createRelayWorld() {
  const world = await createWorld()
  const circuits: Partial<Record<StepName, Circuit | Error>> = {}
  const { queue } = world.deps()
  let runs = 0
  const rates = forEachStep(() => 10)
  const wms = createStepQueue(world.sqsClient, {
    queueUrl: 'wms-queue',
    deadLetterQueueUrl: 'wms-dlq',
    waitUnitMs: 1000,
  })
  const step = (name: StepName, stepQueue: StepQueue) => ({
    step: name,
    vendor: vendors[name],
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
    /** Puts an order into the table that is due this long after t0, and returns it. */
    due: (number: number, change: Partial<Order> = {}, dueMs = -1000, shard = 'f'): Promise<Order> => {
      const orderId = orderIdAt(number, shard)
      const mark = statusMark({ orderId, nonce, status: 'CREATED', vendors, ...change }, t0 + dueMs)
      return world.given({ orderId, ...mark, ...change })
    },
    /** The marks of the orders: when they are due, and how often they were sent. */
    marks: async (...numbers: number[]) => {
      const orders = await Promise.all(numbers.map((number) => world.stored(orderIdAt(number))))
      return orders.map(({ outboxDueAt, outboxSends }) => [outboxDueAt, outboxSends])
    },
    /** What keeps the relay from sending an order's event. */
    troubleOf: async (number: number) => (await world.stored(orderIdAt(number))).outboxTrouble,
    /** Runs the relay once. */
    run: (
      change: Partial<RelayDeps> = {},
      {
        remainingMs = () => 50_000,
        group = 0,
        groups = 1,
      }: Partial<ShardGroup> & { remainingMs?: () => number } = {},
    ) => {
      const relay = createRelay({
        lanes: [step('logistics', queue), step('wms', wms)],
        repository: world.repository,
        publisher: world.publisher,
        telemetry: world.record.telemetry,
        now: world.clock.now,
        intervalMs: 60_000,
        backoffMs,
        graceMs,
        leaseOf: (name) => createLease(world.db.documents, 'locks', name),
        shards: 16,
        waitingLimitMs: dayMs,
        ...change,
      })
      return relay({ group, groups }, `run-${++runs}`, remainingMs)
    },
  }
}
/** See {@link createRelayWorld}. */
export type RelayWorld = Awaited<ReturnType<typeof createRelayWorld>>

/** When an order is due again, and how often it was sent, once it was sent so often and delayed by so much. */
export const pushed = (sends: number, delayMs = 0): [string, number] => [
  at((backoffMs[sends - 1] ?? 900_000) + delayMs),
  sends,
]

/** … and when its first sending failed. */
export const postponed: [string, number] = [at(60_000), 0]
