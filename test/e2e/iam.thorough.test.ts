import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { until } from '../until.ts'
import { type Cloud, type OrderView, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'

let cloud: Cloud
let token: string

beforeAll(async () => {
  cloud = await startCloud({ speed })
  token = await cloud.token()
})
afterAll(() => cloud?.stop())

interface IamReport {
  unusedGrants: { role: string; action: string; resource: string }[]
  denied: unknown[]
}

/** Grants that a day of ordinary trouble does not need, and the reasons for having them. */
const nets: { role: RegExp; action: string; resource: RegExp; reason: string }[] = [
  {
    role: /Worker/,
    action: 'dynamodb:GetItem',
    resource: /OrderTable/,
    reason: 'read on the last receive of a message that keeps killing its worker',
  },
  {
    role: /Worker/,
    action: 'dynamodb:GetItem',
    resource: /Idempotency/,
    reason: 'Powertools reads the record where a failed condition does not carry it',
  },
  {
    role: /Worker/,
    action: 'sqs:GetQueueAttributes',
    resource: /Queue/,
    reason: 'Lambda refuses an event source mapping whose role lacks it',
  },
  {
    role: /OutboxRelay/,
    action: 'sqs:SendMessage',
    resource: /DeadLetterQueue/,
    reason: 'an event that was sent ten times, over hours, and never taken up',
  },
]

const authorized = (init: RequestInit = {}) => ({
  ...init,
  headers: { authorization: `Bearer ${token}`, ...init.headers },
})
const speed = 20
const isReady = ({ status }: OrderView) => status === 'READY_FOR_FULFILLMENT'
/** Whether the order waits for the relay, without a message: its circuit stays open for over a minute at speed 1. */
const waitsInOutbox = ({ attention }: OrderView) =>
  Date.parse(attention?.nextAttemptAt ?? '') > Date.now() + 60_000 / speed
const isStuck = (state: string) => (order: OrderView) => order.attention?.state === state

async function placed(reference: string, change: Record<string, unknown> = {}): Promise<string> {
  return (await cloud.place(token, { ...sampleOrder(reference), ...change })).body.orderId
}

/** Makes a carrier's worker do everything that it can do, once. */
async function dayOf(carrier: 'logistics' | 'easypost', shippingService: string): Promise<void> {
  const place = (reference: string, change = {}) =>
    placed(`${carrier}-${reference}`, { shippingService, ...change })
  await cloud.follow(token, await place('plain'), isReady)

  await cloud.faults(carrier, { unauthorized: true })
  const waiting = await Promise.all(['w1', 'w2', 'w3'].map((reference) => place(reference)))
  for (const orderId of waiting) await cloud.follow(token, orderId, isStuck('waiting'))
  await cloud.follow(token, waiting[2] ?? '', waitsInOutbox)
  const patch = JSON.stringify({ shippingAddress: { line2: 'B' } })
  const json = { 'content-type': 'application/json' }
  await until(
    () => cloud.request('PATCH', `/orders/${waiting[0]}`, authorized({ body: patch, headers: json })),
    ({ status }) => status === 200,
  )
  await until(
    () => cloud.request('POST', `/orders/${waiting[1]}/cancellation`, authorized()),
    ({ status }) => status === 200,
  )
  await cloud.faults(carrier, { unauthorized: false, rejectCountries: ['IS'] })
  await cloud.follow(token, waiting[2] ?? '', isReady)

  const iceland = { name: 'A', line1: 'B', city: 'C', country: 'IS' }
  await cloud.follow(token, await place('refused', { shippingAddress: iceland }), isStuck('dead-lettered'))
  await cloud.faults(carrier, { errorRate: 1 })
  const retried = await place('retried')
  await cloud.follow(token, retried, isStuck('retrying'))
  await cloud.faults(carrier, { errorRate: 0 })
  await cloud.follow(token, retried, isReady)
}

/** Makes the functions do everything that they can do, once. */
async function dayOfOrdinaryTrouble(): Promise<void> {
  await dayOf('logistics', 'economy')
  await cloud.request('GET', '/orders', authorized())
  await dayOf('easypost', 'express')

  await cloud.faults('wms', { rejectCountries: ['NZ'] })
  const newZealand = { name: 'A', line1: 'B', city: 'C', country: 'NZ' }
  await cloud.follow(
    token,
    await placed('refused', { shippingAddress: newZealand }),
    isStuck('dead-lettered'),
  )
  await cloud.faults('wms', { rejectCountries: [], errorRate: 1 })
  const { orderId } = await until(
    () =>
      placed(`until the circuit opens ${Math.random()}`).then((id) =>
        cloud.follow(token, id, ({ attention }) => attention?.step === 'wms'),
      ),
    isStuck('waiting'),
  )
  await cloud.follow(token, orderId, waitsInOutbox)
  await cloud.faults('wms', { errorRate: 0 })
  await cloud.follow(token, orderId, isReady)

  await cloud.dropEvents(1)
  await cloud.follow(token, await placed('lost'), isReady)
}

test('every grant is used on a day of ordinary trouble or is a listed exception, and no call is denied', async () => {
  await dayOfOrdinaryTrouble()

  const report = async () => (await cloud.request<IamReport>('GET', '/_local/iam')).body
  const unexplained = ({ unusedGrants }: IamReport) =>
    unusedGrants.filter(
      (grant) =>
        !nets.some(
          ({ role, action, resource }) =>
            role.test(grant.role) && action === grant.action && resource.test(grant.resource),
        ),
    )
  expect(unexplained(await report())).toEqual([])
  expect((await report()).denied).toEqual([])
})
