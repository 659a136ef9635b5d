import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { attentionMark } from '../../../../lambdas/domain/outbox.ts'
import { AwsError } from '../../../../local/services/aws-service.ts'
import { at, nonce, orderId, orderIdAt, t0 } from '../../../builders.ts'
import { createRelayWorld, postponed, type RelayWorld } from './relay-world.ts'

let world: RelayWorld
beforeEach(async () => {
  world = await createRelayWorld()
})

describe('an announcement', () => {
  const ready = { status: 'READY_FOR_FULFILLMENT' } as const
  const dead = {
    deadLettered: 1,
    deadLetterings: 1,
    ...attentionMark({ orderId, nonce }, 'wms', 1, t0 - 1000),
    orderId,
    attention: { state: 'dead-lettered', step: 'wms', reason: 'NOPE', attempts: 5, since: at() },
  } as const

  test('that the bus takes is owed no more', async () => {
    await world.due(1, ready)
    await world.due(2, { status: 'CANCELLED' })
    await world.given(dead)

    await world.run()

    expect(world.published().sort()).toEqual(
      [
        `${orderIdAt(1)}:${nonce}:READY_FOR_FULFILLMENT`,
        `${orderIdAt(2)}:${nonce}:CANCELLED`,
        `${orderId}:${nonce}:NEEDS_ATTENTION:wms:1`,
      ].sort(),
    )
    expect(world.deadLetters()).toEqual([])
    for (const id of [orderIdAt(1), orderIdAt(2), orderId])
      expect(await world.stored(id)).not.toHaveProperty('outboxEventId')
  })

  test('that the bus does not take stays owed', async () => {
    await world.due(1, ready)
    world.bridge.on(PutEventsCommand).resolves({ Entries: [{ ErrorCode: 'InternalFailure' }] })

    await world.run()

    expect(await world.marks(1)).toEqual([postponed])
  })

  test('whose mark cannot be cleared is handled by a later run', async () => {
    await world.due(1, ready)
    world.db.failWhen((_action, { UpdateExpression }) => {
      if (String(UpdateExpression).startsWith('REMOVE outbox'))
        throw new AwsError('ValidationException', 'No')
    })

    await world.run()

    expect(await world.marks(1)).toEqual([postponed])
  })

  test('does not depend on a vendor: an open circuit does not hold it back', async () => {
    await world.due(1, ready)
    const circuit = { state: 'open', since: t0, until: t0 + 9000, openMs: 9000, reason: 'DOWN' } as const
    Object.assign(world.circuits, { logistics: circuit, wms: circuit })

    await world.run()

    expect(world.published()).toEqual([`${orderIdAt(1)}:${nonce}:READY_FOR_FULFILLMENT`])
  })
})
