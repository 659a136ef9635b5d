import type { Owed } from '../../adapters/outbox-repository.ts'
import type { DeadLetterFacts } from '../../adapters/step-queue.ts'
import { linkOf } from '../../domain/chain.ts'
import { eventOf, eventSource } from '../../domain/events.ts'
import type { Order } from '../../domain/order.ts'
import type { RelayDeps, RelayStep } from './relay-deps.ts'

/** What text may hold and a message may not: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const escaped = (json: string): string =>
  json.replace(/[\uFFFE\uFFFF]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)

const messageWith = (detailType: string, detail: object): string =>
  escaped(JSON.stringify({ source: eventSource, 'detail-type': detailType, detail }))

/** What the bus would put into a step's queue for an order. */
export function messageOf(order: Order): string {
  const { detailType, detail } = eventOf(order)
  return messageWith(detailType, detail)
}

/** The least that a worker understands: nothing in it comes from a shop. */
function leastMessageOf(
  { orderId, outboxEventId: eventId = orderId }: Owed,
  { step, vendor: lane }: RelayStep,
) {
  return messageWith(linkOf(step).consumes, { metadata: { eventId }, data: { orderId, lane } })
}

/** Puts the messages of orders that need a person into the DLQ of a step, where a redrive finds them. */
export function createDeadLetters({ steps }: Pick<RelayDeps, 'steps'>) {
  const [lastStep] = steps.slice(-1)

  async function put(
    { queue, step }: RelayStep,
    body: string,
    facts: Omit<DeadLetterFacts, 'step' | 'kind'>,
  ): Promise<void> {
    await queue.deadLetter(body, {
      step,
      kind: 'not-the-vendors',
      ...facts,
    })
  }

  return {
    /** The message of a dead-lettered order. */
    async put({ deadLettered: deadLetterNumber = 0, ...order }: Order): Promise<void> {
      const { orderId, attempts, traceparent: trace, attention } = order
      const stuck = steps.find(({ vendor }) => attention && vendor === order.vendors[attention.step])
      if (!stuck || !attention)
        throw new Error('An order is dead-lettered in a lane that the relay does not know')
      const { reason } = attention
      await put(stuck, messageOf(order), { orderId, attempts, reason, deadLetterNumber, trace })
    },

    /** The message of an order that nothing can be done for, as it is: in its own lane, or in the last one. */
    async putUnsendable(owed: Owed, lane: string): Promise<void> {
      const to = steps.find(({ vendor }) => vendor === lane) ?? lastStep
      if (to === undefined) throw new Error('The relay knows no step')
      const { orderId } = owed
      await put(to, leastMessageOf(owed, to), { orderId, reason: 'CANNOT_BE_SENT' })
    },
  }
}
