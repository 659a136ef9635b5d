import { consumerOf, type Link, linkOf, type StepName } from './chain.ts'
import { type Change, logged, noTrouble, notBefore } from './change.ts'
import { type Limits, limitsOf, withinLimits } from './limits.ts'
import { isFinished, type Order } from './order.ts'
import { requestOf } from './order-request.ts'
import { statusMark } from './outbox.ts'
import { openQuestion } from './unknown-outcome.ts'

/** A vendor to move an order to, with its config. */
export interface Target {
  name: string
  step: StepName
  retired?: boolean | undefined
  /** Each vendor's limits, by vendor name. */
  limits: Readonly<Record<string, Limits>>
}

/** The current link, if its vendor certainly has nothing for the order and is not being called; else a sentence why not. */
export function untouched(order: Order): Link | string {
  const step = consumerOf(order.status, order.vendors)
  if (step === undefined || isFinished(order)) return `It is too late: the order is ${order.status}.`
  const link = linkOf(step)
  if (order.claim !== undefined)
    return `The ${link.vendor} is being asked for this order right now; try again.`
  return openQuestion(order) === undefined && order.made[step] === undefined
    ? link
    : `The ${link.vendor} may have taken on this order already; that is being found out.`
}

/** Moves the order to another vendor, or returns a sentence why not. Its event keeps its id; only the new lane gets it. */
export function rerouted(order: Order, to: Target, now: number): Change | string {
  const link = untouched(order)
  if (typeof link === 'string') return link
  const { name: step } = link
  const { [step]: from, ...others } = order.vendors
  const { [step]: _, ...checkpoints } = order.checkpoints ?? {}
  if (to.step !== step) return `It is the ${link.vendor}'s turn, and ${to.name} is not a ${link.vendor}.`
  if (to.name === from) return `${to.name} has it already.`
  if (to.retired) return `${to.name} is retired: it gets no more orders.`
  if (order.label !== undefined) return 'Its label names the sender, so it cannot be sent from elsewhere.'
  const vendors = { ...others, [step]: to.name }
  const { order: request, errors } = withinLimits(requestOf(order), limitsOf(vendors, to.limits))
  const wrong = errors.map(({ path, message }) => `${path}: ${message}`)
  if (wrong.length > 0) return `It is not what ${to.name} takes: ${wrong.join('; ')}.`
  const at = notBefore(order, now)
  return {
    set: {
      ...noTrouble,
      vendors,
      checkpoints,
      shippingAddress: request.shippingAddress,
      attempts: 0,
      round: order.round + 1,
      updatedAt: at,
      ...statusMark({ ...order, vendors }, now),
      outboxClaimed: true,
      outboxTrouble: undefined,
    },
    log: logged(order, { at, type: 'REROUTED', step, from }),
  }
}
