import { type OwnSteps, ownSteps } from './own-steps.ts'

/** The first status of every order, and the event that it owes. */
export const placed = { status: 'CREATED', event: 'ORDER_CREATED' } as const

/** The steps, in order. A step's name is one lower-case word; `vendor` is the noun for the kind of vendor it calls. */
const builtInSteps = [
  { step: 'logistics', vendor: 'carrier', status: 'AWB_GENERATED', event: 'AWB_GENERATED' },
  { step: 'wms', vendor: 'warehouse', status: 'READY_FOR_FULFILLMENT', event: 'READY_FOR_FULFILLMENT' },
] as const

/** An order that is being cancelled: the steps undo their work, last step first. */
const cancelling = { status: 'CANCELLING', event: 'ORDER_CANCELLING' } as const
/** The final status of a cancelled order. */
const cancelled = { status: 'CANCELLED', event: 'ORDER_CANCELLED' } as const
/** Events that do not come with a new status. */
const told = ['ORDER_CANCELLATION_REFUSED', 'ORDER_NEEDS_ATTENTION'] as const

type Station = typeof placed | (typeof builtInSteps)[number] | typeof cancelling | typeof cancelled
/** The statuses of an application's own steps. Their events have the same names. */
export type OwnStatus = OwnSteps[keyof OwnSteps]

/** *Step*: one link of the chain, which calls one vendor to move an order from one status to the next. */
export type StepName = (typeof builtInSteps)[number]['step'] | keyof OwnSteps
/** The status of an order. Conditional writes enforce the transitions; trouble shows in `attention`, not in the status. */
export type OrderStatus = Station['status'] | OwnStatus
/** The detail-types that we publish: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html */
export type DetailType = Station['event'] | OwnStatus | (typeof told)[number]

interface Step {
  step: StepName
  vendor: string
  status: OrderStatus
  event: DetailType
}

/** The application's own steps that come after a step. */
const ownAfter = ({ step }: Pick<Step, 'step'>): Step[] =>
  ownSteps()
    .filter(({ after }) => after === step)
    .flatMap((own) => [{ ...own, event: own.status }, ...ownAfter(own)])

/** All steps, including the application's own. */
export const chain: readonly Step[] = builtInSteps.flatMap((each) => [each, ...ownAfter(each)])
/** The step that every order starts with. */
export const firstStep: StepName = builtInSteps[0].step
export const stepNames: readonly StepName[] = chain.map(({ step }) => step)

const way = [placed, ...chain, cancelling, cancelled]
export const orderStatuses: readonly OrderStatus[] = way.map(({ status }) => status)
export const detailTypes: readonly DetailType[] = [...way.map(({ event }) => event), ...told]

/** A step with the event that it consumes, and the statuses before and after it. */
export interface Link {
  name: StepName
  vendor: string
  consumes: DetailType
  from: OrderStatus
  to: OrderStatus
}

/** The steps' links, in order. */
export const links: readonly Link[] = chain.map(({ step, vendor, status }, index) => {
  const before = chain[index - 1] ?? placed
  return { name: step, vendor, consumes: before.event, from: before.status, to: status }
})

/** The status at the end of the chain: every step has done its work. */
export const readyStatus: OrderStatus = (chain.at(-1) ?? placed).status

/** The link of a step. Throws if the chain has no such step. */
export function linkOf(step: StepName): Link {
  const link = links.find(({ name }) => name === step)
  if (link === undefined) throw new Error(`The chain has no step ${step}`)
  return link
}

/** The event that a status owes. Throws if the chain has no such status. */
export function eventForStatus(status: OrderStatus): DetailType {
  const station = way.find((each) => each.status === status)
  if (station === undefined) throw new Error(`The chain has no status ${status}`)
  return station.event
}

/** The statuses on the way to the end of the chain, in order. */
const forward: readonly OrderStatus[] = [placed.status, ...chain.map(({ status }) => status)]

/** Whether one status comes before another on the way to the end of the chain. */
export const isBefore = (status: OrderStatus, other: OrderStatus): boolean =>
  forward.includes(status) && forward.indexOf(status) < forward.indexOf(other)

/** The step that consumes an order in this status, if any: one added after the click has no vendor for the order. */
export const consumerOf = (
  status: OrderStatus,
  vendors: Partial<Record<StepName, string>>,
): StepName | undefined =>
  links.find(({ name, to }) => isBefore(status, to) && vendors[name] !== undefined)?.name
