import type { Order } from '../../lambdas/domain/order.ts'
import { AwsError } from '../../local/services/aws-service.ts'
import { at, graceMs, nonce, orderId, unknownSince } from '../builders.ts'
import { createWorld } from './step-world.ts'

/** A world with what an order can be in when it is to be amended. */
export async function createAmendWorld() {
  const world = await createWorld()
  return {
    ...world,
    /** What the functions that amend orders work with. */
    amendParts: () => ({
      repository: world.repository,
      publisher: world.publisher,
      telemetry: world.record.telemetry,
      ownerClaim: 'sub',
      graceMs,
      retentionMs: 86_400_000,
      now: world.clock.now,
    }),
    /** Lets a worker write the order between our read and our write, this many times. */
    disturb: (times: number) => {
      let left = times
      world.db.failWhen((action) => {
        if (action === 'UpdateItem' && left-- > 0)
          throw new AwsError('ConditionalCheckFailedException', 'The conditional request failed')
      })
    },
  }
}
/** See {@link createAmendWorld}. */
export type AmendWorld = Awaited<ReturnType<typeof createAmendWorld>>

/** An order that waits for a person, and still owes the world to say so. */
export const deadLettered = {
  deadLettered: 1,
  deadLetterings: 1,
  outboxEventId: `${orderId}:${nonce}:NEEDS_ATTENTION:logistics:1`,
  outboxPartition: 'announcement#f',
  attention: { state: 'dead-lettered', step: 'logistics', reason: 'NOPE', attempts: 1, since: at() },
} as const
/** What prevents amending an order. */
export const inTheWay: [string, Partial<Order>][] = [
  ['has its AWB', { status: 'AWB_GENERATED' }],
  ['is ready', { status: 'READY_FOR_FULFILLMENT' }],
  ['is claimed', { claim: { step: 'logistics', id: 'c', until: at(9), requestVersion: 1 } }],
  [
    'was claimed, and nobody knows what came of it',
    { claim: { step: 'logistics', id: 'c', until: at(-9), requestVersion: 1 } },
  ],
  ['may have been taken on already', { unknownOutcome: unknownSince(-9) }],
]
