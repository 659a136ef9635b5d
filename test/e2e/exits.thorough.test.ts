import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createOrderRepository } from '../../lambdas/adapters/order-repository.ts'
import { settleOrder } from '../../lambdas/application/operator-actions.ts'
import { connect } from '../../ops/cli/environment.ts'
import { redactOrder } from '../../ops/order.ts'
import {
  bringInto,
  corrections,
  exampleIn,
  exitsOf,
  positions,
  settlements,
} from '../../scripts/contract/exits.ts'
import { createTelemetryRecord } from '../lambdas/doubles.ts'
import { until } from '../until.ts'
import { type Cloud, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'

type Position = (typeof positions)[number]
interface Walk extends Position {
  exit: string
  isToBeRedriven: boolean
  /** The status in which the order must end. */
  end: string
  orderId: string
}

const times = () => ({ now: Date.now(), graceMs: 1000, retentionMs: 86_400_000 })

let cloud: Cloud
let token: string
let stores: Awaited<ReturnType<typeof createStores>>

async function createStores() {
  process.env.AWS_ENDPOINT_URL = cloud.url
  const { documents, orderTable, publisher } = await connect({ env: 'local' })
  return { repository: createOrderRepository(documents, orderTable), publisher }
}

beforeAll(async () => {
  cloud = await startCloud({ speed: 20 })
  token = await cloud.token()
  stores = await createStores()
})
afterAll(async () => {
  delete process.env.AWS_ENDPOINT_URL
  await cloud?.stop()
})

const sure = ['--note', 'as agreed', '--yes']

async function tool(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await cloud.orderctl(...args)
  if (exitCode !== 0) throw new Error(stderr)
  return stdout
}

const api = (method: string, path: string, body?: object) =>
  cloud.request(method, path, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })

const order = async (orderId: string) => {
  const found = await stores.repository.get(orderId)
  if (found === undefined) throw new Error(`There is no order ${orderId}`)
  return found
}
/** Retries an action until no worker holds the order; its vendor is paused, so this takes only a moment. */
const whenFree = (attempt: () => Promise<boolean>) => until(attempt, (done) => done)

/** Combines every position with every exit, each with its own order. */
async function placeWalks(): Promise<Walk[]> {
  const walks = await Promise.all(
    positions.map(async (position) => {
      const { shop, operator } = await exitsOf(exampleIn(position))
      const exits = [...new Map([...shop, ...operator])]
      // dev has no second warehouse to reroute to.
      const possible = exits.filter(([exit]) => exit !== 'reroute' || position.status === 'CREATED')
      return possible.map(([exit, { status, isToBeRedriven }]) => ({
        ...position,
        exit,
        isToBeRedriven,
        end: status.startsWith('CANCEL') ? 'CANCELLED' : 'READY_FOR_FULFILLMENT',
      }))
    }),
  )
  return walks.flat().map((walk) => ({ ...walk, orderId: '' }))
}

/** Places the orders of some walks, and waits until each is in its first position. */
async function place(walks: readonly Walk[], isThere: (status: string, attention?: string) => boolean) {
  await Promise.all(
    walks.map(async (walk, index) => {
      const { body } = await cloud.place(token, sampleOrder(`${walk.status}-${index}`, index))
      walk.orderId = body.orderId
      await cloud.follow(token, walk.orderId, ({ status, attention }) => isThere(status, attention?.reason))
    }),
  )
}

async function bring({ orderId, trouble }: Walk): Promise<void> {
  if (trouble === undefined) return
  await whenFree(async () => {
    const current = await order(orderId)
    if (current.claim !== undefined) return false
    return (await stores.repository.change(current, bringInto(trouble, current, times()))).written
  })
}

const actor = { by: 'operator', who: 'jo', note: 'By phone' } as const

async function redact(orderId: string): Promise<void> {
  const { telemetry } = createTelemetryRecord()
  const { repository } = stores
  await redactOrder({ repository, telemetry, now: Date.now }, { orderId, actor })
}

async function take({ orderId, exit, isToBeRedriven }: Walk): Promise<void> {
  const settlement = settlements[exit]
  const { telemetry } = createTelemetryRecord()
  if (settlement !== undefined)
    await settleOrder({ ...stores, telemetry, ...times(), now: Date.now }, { orderId, actor }, settlement)
  else if (exit === 'cancel')
    expect((await api('POST', `/orders/${orderId}/cancellation`)).status).toBeLessThan(300)
  else if (exit === 'redrive') await tool('dlq', 'redrive', '--order', orderId, ...sure)
  else if (exit === 'reroute') await tool('order', 'reroute', orderId, '--to', 'easypost', ...sure)
  else if (exit === 'redact') await redact(orderId)
  else {
    const correction = corrections[exit as keyof typeof corrections]
    const patch = typeof correction === 'function' ? correction(await order(orderId)) : correction
    expect((await api('PATCH', `/orders/${orderId}`, patch)).status).toBe(200)
  }
  if (isToBeRedriven) await tool('dlq', 'redrive', '--order', orderId, ...sure)
}

test('every exit from every state leads to an end, where the order can be redacted and expires', async () => {
  const walks = await placeWalks()
  const from = (status: string) => walks.filter((walk) => walk.status === status)
  const isPaused = (status: string) => (at: string, reason?: string) =>
    at === status && reason === 'PAUSED_BY_OPERATOR'

  await place(from('READY_FOR_FULFILLMENT'), (status) => status === 'READY_FOR_FULFILLMENT')
  await tool('vendor', 'pause', 'warehouse', ...sure)
  await place([...from('AWB_GENERATED'), ...from('CANCELLING')], isPaused('AWB_GENERATED'))
  await tool('vendor', 'pause', 'carrier', ...sure)
  await place(from('CREATED'), isPaused('CREATED'))
  for (const { orderId } of from('CANCELLING')) await api('POST', `/orders/${orderId}/cancellation`)
  for (const { orderId } of from('CANCELLING'))
    await cloud.follow(token, orderId, ({ status }) => status === 'CANCELLING')
  for (const walk of walks) await bring(walk)

  for (const walk of walks) await take(walk)
  await Promise.all([
    tool('vendor', 'resume', 'carrier', ...sure),
    tool('vendor', 'resume', 'warehouse', ...sure),
  ])

  for (const { orderId, status, trouble, exit, end } of walks) {
    const ended = await until(
      () => order(orderId),
      (each) => each.expiresAt !== undefined && each.status === end,
    )
    await redact(orderId)
    expect({ status, trouble, exit, end: ended.status }).toEqual({ status, trouble, exit, end })
    expect((await order(orderId)).customer).toEqual({ name: 'REDACTED' })
  }
}, 180_000)

test('every state has an exit for an operator and, unless the order is being cancelled, for the shop', async () => {
  for (const position of positions) {
    const { shop, operator } = await exitsOf(exampleIn(position))
    expect([...operator.keys()]).not.toEqual([])
    if (position.status !== 'CANCELLING') expect([...shop.keys()]).not.toEqual([])
  }
})
