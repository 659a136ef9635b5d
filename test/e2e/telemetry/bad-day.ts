import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../until.ts'
import type { Cloud, OrderView } from '../cloud.ts'
import { sampleOrder } from '../orders.ts'
import type { Sample } from './alarm-evaluation.ts'
import type { Operator } from './operator.ts'
import { metricKey } from './template.ts'

type Vendor = 'logistics' | 'wms'
const vendors: readonly Vendor[] = ['logistics', 'wms']
/** The orders of an outage: more than the probes handle, so that some exceed their waiting time. */
const waitingOrders = 24
const isReady = ({ status }: OrderView) => status === 'READY_FOR_FULFILLMENT'
const isDeadLettered = ({ attention }: OrderView) => attention?.state === 'dead-lettered'

/** The faults of a bad day, one after another, and what a client saw of them. */
export function createBadDay(cloud: Cloud, operator: Operator, token: string) {
  /** The placed orders, whose personal data no output may contain. */
  const placed: unknown[] = []
  /** The 5xx that API Gateway would have counted. */
  const serverErrors: Sample[] = []

  async function place(change: Record<string, unknown> = {}): Promise<string> {
    const order = { ...sampleOrder(`bad-day-${placed.length}`, placed.length), ...change }
    placed.push(order)
    const click = async () => {
      const answer = await cloud.place(token, order)
      const metric = metricKey('AWS/ApiGateway', '5xx', { ApiId: 'ApiHttpApi' })
      if (answer.status !== 201) serverErrors.push({ at: Date.now(), metric, value: 1 })
      return answer
    }
    const { body } = await until(click, ({ status }) => status === 201, { everyMs: 0 })
    return body.orderId
  }
  const placeMany = (count: number, change?: Record<string, unknown>) =>
    Promise.all(Array.from({ length: count }, () => place(change)))
  /** Polls an order until it is as wanted, ignoring failed responses. */
  async function follow(orderId: string, isThere: (order: OrderView) => boolean): Promise<OrderView> {
    const order = await until(
      () => cloud.order(token, orderId).catch(() => undefined),
      (seen) => seen !== undefined && isThere(seen),
      { everyMs: 200 },
    )
    if (order === undefined) throw new Error(`There is no order ${orderId}`)
    return order
  }
  /** Follows orders one after the other, because polling all at once would add load. */
  async function followAll(ids: readonly string[], isThere: (order: OrderView) => boolean) {
    const orders: OrderView[] = []
    for (const id of ids) orders.push(await follow(id, isThere))
    return orders
  }
  const queueOf = (vendor: Vendor) =>
    vendor === 'logistics' ? 'LogisticsCarrier/Queue' : 'WmsWarehouse/Queue'
  const isBusy = (vendor: Vendor, messages = 1) =>
    until(
      () => cloud.queues(),
      (queues) => queues.some(({ name, inFlight }) => name === queueOf(vendor) && inFlight >= messages),
      { everyMs: 20 },
    )

  return {
    placed,
    serverErrors,

    /** An order goes through without trouble. */
    goesWell: async (): Promise<OrderView> => follow(await place(), isReady),

    /** Both vendors refuse addresses, and quote them; the orders wait for an operator. */
    vendorsRefuse: async (countForEach: number): Promise<string[]> => {
      const countries = { logistics: 'NZ', wms: 'IS' }
      const { shippingAddress } = sampleOrder('any')
      const placing = vendors.map(async (vendor) => {
        const country = countries[vendor]
        await cloud.faults(vendor, { rejectCountries: [country] })
        return placeMany(countForEach, { shippingAddress: { ...shippingAddress, country } })
      })
      const ids = (await Promise.all(placing)).flat()
      await followAll(ids, isDeadLettered)
      for (const vendor of vendors) await cloud.faults(vendor, { rejectCountries: [] })
      return ids
    },

    /** Both vendors are down until orders have been waiting for them for this long. */
    vendorsAreDown: async (forMs: number): Promise<void> => {
      const isWaitingFor = (step: Vendor) => (order: OrderView) =>
        order.attention?.state === 'waiting' && order.attention.step === step
      await cloud.faults('wms', { down: true })
      const ids = await placeMany(waitingOrders)
      await followAll(ids, isWaitingFor('wms'))
      await cloud.faults('logistics', { down: true })
      const more = await placeMany(waitingOrders)
      await followAll(more, isWaitingFor('logistics'))
      await sleep(forMs)
      for (const vendor of vendors) await cloud.faults(vendor, { down: false })
      await followAll([...ids, ...more], isReady)
    },

    /** More orders arrive than the vendors can process. */
    vendorsAreSlow: async (count: number): Promise<void> => {
      for (const vendor of vendors) await cloud.faults(vendor, { latencyMs: 2500 })
      await followAll(await placeMany(count), isReady)
      for (const vendor of vendors) await cloud.faults(vendor, { latencyMs: 0 })
    },

    /** A message arrives that is not an event. */
    poison: async (): Promise<void> => {
      for (const vendor of vendors) await operator.send(queueOf(vendor), 'no event')
    },

    /** An event is delivered twice at once, and the next one too early. */
    eventsOutOfOrder: async (): Promise<void> => {
      for (const vendor of vendors) {
        await cloud.faults(vendor, { latencyMs: 1500 })
        const orderId = await place()
        await isBusy(vendor)
        const isOurs = ({ detail }: { detail: { data: { orderId: string } } }) =>
          detail.data.orderId === orderId
        const events = (await cloud.events()).filter(isOurs)
        await operator.send(queueOf(vendor), events.at(-1))
        await follow(orderId, isReady)
        await cloud.faults(vendor, { latencyMs: 0 })
      }
    },

    /**
     * Events get lost. For one order of each step the relay has already sent the event until the waiting limit.
     * @returns the id of the first order, which the relay brought to READY
     */
    eventsAreLost: async (): Promise<string> => {
      await cloud.dropEvents(1)
      const lost = await place()
      await follow(lost, isReady)

      await cloud.dropEvents(1)
      const first = await place()
      await operator.setMark(first, { outboxSends: 1000 })
      await follow(first, isDeadLettered)

      await cloud.faults('logistics', { latencyMs: 800 })
      const [late, second] = await placeMany(2)
      // Both have arrived, so the events that are lost now are their next ones.
      await isBusy('logistics', 2)
      await cloud.dropEvents(2)
      const arrived = await followAll([late ?? '', second ?? ''], ({ status }) => status === 'AWB_GENERATED')
      await operator.setMark(arrived[1]?.orderId ?? '', { outboxSends: 1000 })
      await cloud.faults('logistics', { latencyMs: 0 })
      await follow(late ?? '', isReady)
      await follow(second ?? '', isDeadLettered)
      return lost
    },

    /** A worker dies between the order's transition and the publishing of its event. */
    announcementIsLost: async (): Promise<void> => {
      const orderId = await place()
      await follow(orderId, isReady)
      await operator.setMark(orderId, {
        outboxEventId: `${orderId}:READY_FOR_FULFILLMENT`,
        outboxPartition: `announcement#${orderId.at(-1)}`,
      })
    },

    /** A worker dies during a slow vendor call. Its claim expires half a minute later, at any speed. */
    workerCrashes: async (vendor: Vendor, hasCrashed: () => Promise<boolean>): Promise<void> => {
      await cloud.faults(vendor, { latencyMs: 2500 })
      const killAtWork = async () => {
        await place()
        await isBusy(vendor)
        await sleep(1500)
        await cloud.kill(`${vendor}-worker`)
        return hasCrashed()
      }
      await until(killAtWork, Boolean, { everyMs: 0 })
      await cloud.faults(vendor, { latencyMs: 0 })
    },

    /** The relay dies while it is running; it is killed at different moments until one hits a run. */
    relayCrashes: async (hasCrashed: () => Promise<boolean>): Promise<void> => {
      let waitMs = 500
      const kill = async () => {
        await sleep(waitMs % 1000)
        waitMs += 37
        await cloud.kill('outbox-relay')
        return hasCrashed()
      }
      await until(kill, Boolean, { everyMs: 0 })
    },

    /** create-order is killed during clicks, until `count` have failed within `withinMs`. */
    clicksFail: async (count: number, withinMs: number): Promise<void> => {
      const recent = () => serverErrors.filter(({ at }) => at > Date.now() - withinMs).length
      const killAtWork = async () => {
        const orders = placeMany(8)
        for (let kills = 0; kills < 5; kills += 1) {
          await sleep(50)
          await cloud.kill('create-order')
        }
        await Promise.race([orders, sleep(withinMs / 4)])
        return recent()
      }
      await until(killAtWork, (failed) => failed >= count, { everyMs: 0 })
    },
  }
}
