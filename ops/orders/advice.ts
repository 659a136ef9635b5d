import type { Attention, Order } from '../../lambdas/domain/order.ts'
import { type EnvironmentName, flagOf } from '../frame/environment.ts'
import { moment } from '../frame/words.ts'
import { explain, type Trouble, vendorOf } from './reasons.ts'

/** What there is to do about a vendor, a step at a time. */
const repairs: Record<Trouble, (attention: Attention, order: Order) => string[]> = {
  'vendor-fails': ({ step }) => [
    `Find out from ${vendorOf[step]} what is wrong, and wait until it works again.`,
  ],
  'vendor-busy': ({ step }) => [`Ask ${vendorOf[step]} when it will be ready.`],
  'vendor-refuses': ({ step, reason }, { orderId, status }) => [
    status === 'CREATED'
      ? `If ${reason} is about the address: correct it with PUT /orders/${orderId}/shipping-address.`
      : `Clear up with ${vendorOf[step]} what ${reason} means.`,
  ],
  'our-access': ({ step, reason }) => [
    reason.includes('MISCONFIGURED')
      ? `Correct vendors.${step}.url in lib/config.ts and deploy.`
      : `Put the right credential into the secret of ${vendorOf[step]}; instances read it again at the next refusal.`,
  ],
  paused: () => [],
  'unknown-outcome': ({ step }, { orderId }) => [
    `Ask ${vendorOf[step]} whether it has taken on our reference ${orderId}.`,
    'A redrive asks again where it can be asked; where nobody can be asked, it says that the work was not done.',
  ],
  'our-fault': () => ["Look at the worker's logs and alarms, and mend what is wrong."],
}

/** What an operator should do about an order now, a sentence for each step; none where nothing is to be done. */
export function advice(order: Order, environment: EnvironmentName, now: number): string[] {
  const { attention, orderId, status, outboxDueAt } = order
  const inEnvironment = flagOf(environment)
  if (attention === undefined) {
    const overdueMs = outboxDueAt === undefined ? 0 : now - Date.parse(outboxDueAt)
    // The relay comes every minute, and two of its runs may fail.
    return overdueMs > 3 * 60_000
      ? ["The relay should have looked after it by now: look at outbox-relay's logs and alarms."]
      : []
  }
  const { step, state, reason } = attention
  const { trouble } = explain(reason, step)
  if (trouble === 'paused') return [`npm run vendor -- resume ${step}${inEnvironment}, when it may go on.`]
  if (state === 'retrying') return []
  // A vendor that is down or busy comes back without us; only what is ours to mend keeps an order waiting.
  if (state === 'waiting') return trouble === 'our-access' ? repairs[trouble](attention, order) : []
  return [
    ...repairs[trouble](attention, order),
    `Then: npm run dlq -- redrive --order ${orderId}${inEnvironment}`,
    ...(status === 'CREATED' && order.unknownOutcome === undefined
      ? [`Or call it off: npm run order -- cancel ${orderId}${inEnvironment}`]
      : []),
  ]
}

/** Where an unfinished order stands, in a sentence. */
export function standing(order: Order, now: number): string {
  const { attention, claim, status, outboxDueAt } = order
  if (status === 'READY_FOR_FULFILLMENT') return 'It is finished.'
  if (status === 'CANCELLED') return 'It is cancelled.'
  if (claim !== undefined && Date.parse(claim.until) > now)
    return `A worker is asking ${vendorOf[claim.step]} for it right now.`
  if (attention === undefined)
    return `It is on its way${outboxDueAt ? `; the relay looks after it from ${moment(outboxDueAt)} on` : ''}.`
  const { step, reason, state, attempts, nextAttemptAt } = attention
  const why = `${explain(reason, step).words} (${reason})`
  const next = nextAttemptAt === undefined ? '' : `, at ${moment(nextAttemptAt)}`
  switch (state) {
    case 'retrying':
      return `Attempt ${attempts} failed, since ${why}. It is tried again by itself${next}.`
    case 'waiting':
      return `It waits, since ${why}. It is looked at again by itself${next}.`
    case 'dead-lettered':
      return `It is dead-lettered, since ${why}. It does not go on without you.`
  }
}
