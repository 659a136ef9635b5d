import { cancelOrder } from '../../lambdas/application/cancel-order.ts'
import { correctOrder } from '../../lambdas/application/correct-order.ts'
import { rerouteOrder, settleOrder } from '../../lambdas/application/operator-actions.ts'
import { Rejection } from '../../lambdas/application/rejection.ts'
import type { Telemetry } from '../../lambdas/application/telemetry.ts'
import { firstStep, linkOf, links, readyStatus, type StepName } from '../../lambdas/domain/chain.ts'
import { type Change, iso, type Times } from '../../lambdas/domain/change.ts'
import type { Decision } from '../../lambdas/domain/decision.ts'
import { turnOf } from '../../lambdas/domain/events.ts'
import { isFinished, type Order } from '../../lambdas/domain/order.ts'
import type { Settlement } from '../../lambdas/domain/settlement.ts'
import { done } from '../../lambdas/domain/step-changes.ts'
import type { VendorFacts } from '../../lambdas/domain/vendor-answer.ts'
import { madeOption } from '../../ops/orders/settlement.ts'
import { changed } from '../../test/builders.ts'
import { exampleOrders } from './example-orders.ts'

/** The kinds of trouble that an order may be in, each with the change that causes it in any status. */
const troubles = {
  'waits for its vendor': wait(false),
  'waits, and its vendor may have made it': wait(true),
  'is dead-lettered': deadLetter(false),
  'is dead-lettered, and its vendor may have made it': deadLetter(true),
} as const satisfies Record<string, Trouble>
type Trouble = (order: Order, times: Times) => Change
export type TroubleName = keyof typeof troubles

function wait(isInDoubt: boolean): Trouble {
  return (order, times) =>
    inTrouble(order, times, {
      kind: 'wait',
      reason: 'VENDOR_UNAVAILABLE',
      until: times.now + times.graceMs,
      keepsMessage: false,
      isFailure: true,
      question: isInDoubt ? question(order, times) : undefined,
    })
}

function deadLetter(isInDoubt: boolean): Trouble {
  return (order, times) =>
    inTrouble(order, times, {
      kind: 'dead-letter',
      reason: 'HTTP_500',
      failure: 'permanent',
      question: isInDoubt ? question(order, times) : undefined,
    })
}

const question = ({ round }: Order, { now }: Times) => ({
  since: iso(now),
  at: iso(now),
  round,
  requestVersion: 1,
})

function inTrouble(order: Order, times: Times, decision: Decision): Change {
  const lane = turnOf(order)
  if (lane === undefined) throw new Error(`Nobody works on an order that is ${order.status}`)
  return done(order, linkOf(lane), decision, times)
}

/** Where an order may be stuck. On the way back nothing new is made, so fewer kinds of trouble apply. */
export const positions: readonly { status: Order['status']; trouble: TroubleName | undefined }[] = [
  ...links.flatMap(({ from: status }) =>
    Object.keys(troubles).map((trouble) => ({ status, trouble: trouble as TroubleName })),
  ),
  { status: 'CANCELLING', trouble: 'waits for its vendor' },
  { status: 'CANCELLING', trouble: 'is dead-lettered' },
  { status: readyStatus, trouble: undefined },
]

/** The change that causes a kind of trouble. */
export const bringInto = (trouble: TroubleName, order: Order, times: Times): Change =>
  troubles[trouble](order, times)

const made: Partial<Record<StepName, VendorFacts>> = {
  logistics: { awb: 'AWB-1' },
  wms: { wmsReference: 'WMS-1' },
}

/** What an operator can record with `order settle`, keyed by the command's options. */
export const settlements: Record<string, Settlement> = {
  ...Object.fromEntries(
    links.map(({ name: step }) => [
      `settle ${madeOption(step)}`,
      { what: 'MADE', step, facts: made[step] ?? { facts: { number: '1' } } },
    ]),
  ),
  'settle --nothing-made': { what: 'NOTHING_MADE' },
  'settle --voided': { what: 'UNDONE' },
  'settle --shipped': { what: 'TOO_LATE' },
}

/** Corrections that a shop may make, as merge patches. */
export const corrections = {
  'correct the address': { shippingAddress: { line2: 'Back door' } },
  'correct an SKU': (order: Order) => ({
    items: order.items.map((item) => ({ ...item, sku: `${item.sku}-B` })),
  }),
}

const silent: Telemetry = { info() {}, warn() {}, error() {}, metric() {} }

/** Runs a use case on an order in memory. Returns the changed order, or undefined if the change is refused. */
async function tried(
  order: Order,
  run: (deps: Parameters<typeof cancelOrder>[0]) => Promise<Order>,
): Promise<Order | undefined> {
  const repository = {
    get: async () => order,
    change: async (before: Order, change: Change) => ({
      written: true as const,
      order: changed(before, change),
    }),
    clearMark: async () => {},
  }
  const publisher = {
    publish: async <Of extends Order>(orders: readonly Of[]) => orders.map((each) => ({ order: each })),
  }
  const now = () => Date.parse(order.updatedAt) + 1000
  try {
    return await run({
      repository,
      publisher,
      telemetry: silent,
      graceMs: 60_000,
      retentionMs: 86_400_000,
      now,
    })
  } catch (error) {
    if (error instanceof Rejection) return undefined
    throw error
  }
}

const { orderId } = exampleOrders.created
const byShop = { orderId, actor: { by: 'shop', who: 'shop-1' } } as const
const byOperator = {
  orderId,
  actor: { by: 'operator', who: 'arn:aws:sts::111122223333:assumed-role/operator/jo', note: 'By phone' },
} as const

/** The order's state right after an exit. */
interface After {
  status: Order['status']
  /** Whether it is still dead-lettered. */
  isToBeRedriven: boolean
}
type Exits = Map<string, After>

/** The exits that the use cases allow for an order, each with the order's state right after it. */
export async function exitsOf(order: Order): Promise<{ shop: Exits; operator: Exits }> {
  const shop = new Map<string, After>()
  const operator = new Map<string, After>()
  const add = (to: Exits, exit: string, after: Order | undefined) => {
    if (after !== undefined && after.version !== order.version)
      to.set(exit, { status: after.status, isToBeRedriven: after.deadLettered !== undefined })
  }
  for (const [exit, correction] of Object.entries(corrections)) {
    const patch = typeof correction === 'function' ? correction(order) : correction
    add(shop, exit, await tried(order, (deps) => correctOrder({ ...deps, limits: {} }, byShop, patch)))
  }
  add(shop, 'cancel', await tried(order, (deps) => cancelOrder(deps, byShop)))
  if (order.deadLettered !== undefined)
    operator.set('redrive', { status: order.status, isToBeRedriven: false })
  for (const [exit, settlement] of Object.entries(settlements))
    add(operator, exit, await tried(order, (deps) => settleOrder(deps, byOperator, settlement)))
  const another = { name: 'another', step: turnOf(order) ?? firstStep, limits: {} }
  add(operator, 'reroute', await tried(order, (deps) => rerouteOrder(deps, byOperator, another)))
  add(operator, 'cancel', await tried(order, (deps) => cancelOrder(deps, byOperator)))
  if (isFinished(order)) operator.set('redact', { status: order.status, isToBeRedriven: false })
  return { shop, operator }
}

/** An example order in a position. */
export function exampleIn({ status, trouble }: (typeof positions)[number]): Order {
  const order = Object.values(exampleOrders).find((each) => each.status === status)
  if (order === undefined) throw new Error(`There is no example of an order that is ${status}`)
  const times = { now: Date.parse(order.updatedAt) + 1000, graceMs: 60_000, retentionMs: 86_400_000 }
  return trouble === undefined ? order : changed(order, bringInto(trouble, order, times))
}

const listed = (exits: Exits, from: string): string =>
  [...exits]
    .map(([exit, { status, isToBeRedriven }]) => {
      const then = isToBeRedriven ? ', then redrive' : ''
      return status === from ? `${exit}${then}` : `${exit} → ${status}`
    })
    .join('<br>') || '–'

/** Returns the text of docs/operations.md with a current table. */
export async function withExits(text: string): Promise<string> {
  const rows = await Promise.all(
    positions.map(async (position) => {
      const { status, trouble = 'is finished' } = position
      const { shop, operator } = await exitsOf(exampleIn(position))
      return `| ${status} | ${trouble} | ${listed(shop, status)} | ${listed(operator, status)} |`
    }),
  )
  const table = ['| status | the order | the shop can | an operator can |', '|---|---|---|---|', ...rows]
  return text.replace(
    /<!-- exits -->.*<!-- \/exits -->/s,
    `<!-- exits -->\n${table.join('\n')}\n<!-- /exits -->`,
  )
}
