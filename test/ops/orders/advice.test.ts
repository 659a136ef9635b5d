import { describe, expect, test } from '@jest/globals'
import type { Attention, Order } from '../../../lambdas/domain/order.ts'
import { advice, standing } from '../../../ops/orders/advice.ts'
import { at, orderId, storedOrder, t0, without } from '../../builders.ts'

const stuck = (attention: Partial<Attention>, change: Partial<Order> = {}): Order =>
  storedOrder({
    attention: {
      state: 'dead-lettered',
      step: 'logistics',
      reason: 'TIME_OUT',
      attempts: 5,
      since: at(),
      ...attention,
    },
    ...change,
  })
const adviceOn = (order: Order) => advice(order, 'local', t0).join('\n')

describe('the advice on an order', () => {
  test.each([
    { name: 'it is on its way', order: storedOrder() },
    { name: 'it is tried again by itself', order: stuck({ state: 'retrying' }) },
    { name: 'its vendor is down', order: stuck({ state: 'waiting', reason: 'CIRCUIT_OPEN:HTTP_500' }) },
    { name: 'its vendor is busy', order: stuck({ state: 'waiting', reason: 'RATE_LIMITED' }) },
    {
      name: 'it is finished',
      order: without(storedOrder({ status: 'READY_FOR_FULFILLMENT' }), 'outboxDueAt'),
    },
  ])('is to do nothing where $name', ({ order }) => {
    expect(adviceOn(order)).toBe('')
  })

  test.each([
    { reason: 'TIME_OUT', says: 'Find out from the carrier what is wrong' },
    { reason: 'WAITED_TOO_LONG:HTTP_503', says: 'Find out from the carrier what is wrong' },
    { reason: 'NO_SUCH_STREET', says: 'If NO_SUCH_STREET is about the address: correct it' },
    { reason: 'OUTCOME_UNKNOWN:TIME_OUT', says: `whether it has taken on our reference ${orderId}` },
    { reason: 'NEVER_CONSUMED', says: "Look at the worker's logs" },
    { reason: 'WAITED_TOO_LONG:CREDENTIAL_REFUSED', says: 'Put the right credential into the secret' },
    {
      reason: 'WAITED_TOO_LONG:MISCONFIGURED:HTTP_404',
      says: 'Correct vendors.logistics.url in lib/config.ts',
    },
  ])('on one that is dead-lettered for $reason is to mend that and redrive', ({ reason, says }) => {
    expect(adviceOn(stuck({ reason }))).toContain(says)
    expect(adviceOn(stuck({ reason }))).toContain(`npm run dlq -- redrive --order ${orderId}`)
  })

  test.each(['CREDENTIAL_REFUSED', 'CIRCUIT_OPEN:CREDENTIAL_REFUSED'])(
    'does not wait where only we can end the waiting: %s',
    (reason) => {
      expect(adviceOn(stuck({ state: 'waiting', reason }))).toContain('Put the right credential')
    },
  )

  test('on one whose vendor is held names the command that lets go', () => {
    const order = stuck({ state: 'waiting', step: 'wms', reason: 'PAUSED_BY_OPERATOR' })

    expect(advice(order, 'staging', t0)).toEqual([
      'npm run vendor -- resume wms --env staging, when it may go on.',
    ])
  })

  test('names cancelling only while that is possible', () => {
    const open = { unknownOutcome: { at: at(), round: 0 } }

    expect(adviceOn(stuck({}))).toContain('npm run order -- cancel')
    expect(adviceOn(stuck({}, open))).not.toContain('cancel')
    expect(adviceOn(stuck({ step: 'wms' }, { status: 'AWB_GENERATED' }))).not.toContain('cancel')
  })

  test('names the address only while it can be corrected', () => {
    const order = stuck({ step: 'wms', reason: 'BLOCKED' }, { status: 'AWB_GENERATED' })

    expect(adviceOn(order)).toContain('Clear up with the warehouse what BLOCKED means.')
    expect(adviceOn(order)).not.toContain('shipping-address')
  })

  test('suspects the relay where it should have come long ago', () => {
    expect(advice(storedOrder(), 'local', t0 + 10 * 60_000).join()).toContain('outbox-relay')
  })
})

describe('where an order stands', () => {
  test.each([
    [storedOrder(), 'It is on its way; the relay looks after it from 2026-11-22 12:01:00 on.'],
    [
      storedOrder({ claim: { step: 'logistics', id: 'c', until: at(1) } }),
      'A worker is asking the carrier for it right now.',
    ],
    [
      stuck({ state: 'waiting', reason: 'RATE_LIMITED', nextAttemptAt: at(60_000) }),
      'It waits, since the carrier takes no more at the moment (RATE_LIMITED). It is looked at again by itself, at 2026-11-22 12:01:00.',
    ],
    [
      stuck({ state: 'retrying', attempts: 2, nextAttemptAt: at(5000) }),
      'Attempt 2 failed, since the carrier did not answer in time (TIME_OUT). It is tried again by itself, at 2026-11-22 12:00:05.',
    ],
    [storedOrder({ status: 'CANCELLED' }), 'It is cancelled.'],
  ])('is said in a sentence', (order, words) => {
    expect(standing(order, t0)).toBe(words)
  })
})
