import { type Cloud, type OrderView, until } from '../cloud.ts'
import { sampleOrder } from '../orders.ts'
import type { Sample } from './alarm-judge.ts'
import type { Operator } from './operator.ts'
import { metricKey } from './template.ts'

type Vendor = 'logistics' | 'wms'
const vendors: readonly Vendor[] = ['logistics', 'wms']
const isReady = ({ status }: OrderView) => status === 'READY_FOR_FULFILLMENT'
const isDeadLettered = ({ attention }: OrderView) => attention?.state === 'dead-lettered'

/** Everything that goes wrong on a bad day, one thing after another, and what a client saw of it. */
export function createBadDay(cloud: Cloud, operator: Operator, token: string) {
  /** The orders as they were placed: what no output may tell. */
  const placed: unknown[] = []
  /** The 5xx that API Gateway would have counted. */
  const serverErrors: Sample[] = []

  async function place(change: Record<string, unknown> = {}): Promise<string> {
    const order = { ...sampleOrder(`bad-day-${placed.length}`, placed.length), ...change }
    placed.push(order)
    for (;;) {
      const { status, body } = await cloud.place(token, order)
      if (status === 201) return body.orderId
      const metric = metricKey('AWS/ApiGateway', '5xx', { ApiId: 'ApiHttpApi' })
      serverErrors.push({ at: Date.now(), metric, value: 1 })
    }
  }
  const placeMany = (count: number, change?: Record<string, unknown>) =>
    Promise.all(Array.from({ length: count }, () => place(change)))
  const follow = (orderId: string, isThere: (order: OrderView) => boolean) =>
    until(() => cloud.order(token, orderId), isThere, 200)
  const followAll = (ids: readonly string[], isThere: (order: OrderView) => boolean) =>
    Promise.all(ids.map((id) => follow(id, isThere)))
  const isBusy = (vendor: Vendor) =>
    until(
      () => cloud.queues(),
      (queues) =>
        queues.some(({ name, inFlight }) => name.toLowerCase() === `${vendor}/queue` && inFlight > 0),
      20,
    )
  const queueOf = (vendor: Vendor) => (vendor === 'logistics' ? 'Logistics/Queue' : 'Wms/Queue')

  return {
    placed,
    serverErrors,

    /** An order as it should go. */
    goesWell: async (): Promise<OrderView> => follow(await place(), isReady),

    /** The vendor refuses addresses, and quotes them; the order waits for an operator. */
    vendorRefuses: async (vendor: Vendor, count: number): Promise<string[]> => {
      const country = 'NZ'
      await cloud.faults(vendor, { rejectCountries: [country] })
      const { shippingAddress } = sampleOrder('any')
      const ids = await placeMany(count, { shippingAddress: { ...shippingAddress, country } })
      await followAll(ids, isDeadLettered)
      await cloud.faults(vendor, { rejectCountries: [] })
      return ids
    },

    /** The vendor is down until the relay has reported it for so long. */
    vendorIsDown: async (vendor: Vendor, forMs: number): Promise<void> => {
      await cloud.faults(vendor, { down: true })
      const ids = await placeMany(3)
      await followAll(ids, ({ attention }) => attention?.state === 'waiting')
      await new Promise((resolve) => setTimeout(resolve, forMs))
      await cloud.faults(vendor, { down: false })
      await followAll(ids, isReady)
    },

    /** More orders come than the vendor takes. */
    vendorIsSlow: async (vendor: Vendor, count: number): Promise<void> => {
      await cloud.faults(vendor, { latencyMs: 2500 })
      const ids = await placeMany(count)
      await followAll(ids, isReady)
      await cloud.faults(vendor, { latencyMs: 0 })
    },

    /** Somebody sends what is no event. */
    poison: async (): Promise<void> => {
      for (const vendor of vendors) await operator.send(queueOf(vendor), 'no event')
    },

    /** An event comes twice at once, and the next one before its time. */
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

    /** Events get lost; one step's order is one that the relay has sent ten times already. */
    eventsAreLost: async (): Promise<void> => {
      await cloud.dropEvents(1)
      const lost = await place()
      await follow(lost, isReady)

      await cloud.dropEvents(1)
      const first = await place()
      await operator.setMark(first, { outboxSends: 10 })
      await follow(first, isDeadLettered)

      await cloud.faults('logistics', { latencyMs: 800 })
      const [late, second] = await placeMany(2)
      await isBusy('logistics')
      await cloud.dropEvents(2)
      const arrived = await followAll([late ?? '', second ?? ''], ({ status }) => status === 'AWB_GENERATED')
      await operator.setMark(arrived[1]?.orderId ?? '', { outboxSends: 10 })
      await cloud.faults('logistics', { latencyMs: 0 })
      await follow(late ?? '', isReady)
      await follow(second ?? '', isDeadLettered)
    },

    /** A worker dies between its transition and what it owed the world. */
    announcementIsLost: async (): Promise<void> => {
      const orderId = await place()
      await follow(orderId, isReady)
      await operator.setMark(orderId, {
        outboxEventId: `${orderId}:READY_FOR_FULFILLMENT`,
        outboxPartition: `announcement#${orderId.at(-1)}`,
      })
    },

    /** Functions die at work. */
    functionsCrash: async (names: readonly string[], crashesOf: (name: string) => Promise<number>) => {
      for (const vendor of vendors) await cloud.faults(vendor, { latencyMs: 300 })
      for (const name of names) {
        for (let tries = 0; (await crashesOf(name)) < (name === 'create-order' ? 8 : 1); tries += 1) {
          if (tries > 100) throw new Error(`${name} cannot be killed at work`)
          const orders = name === 'outbox-relay' ? [] : [place(), place(), place(), place()]
          await new Promise((resolve) => setTimeout(resolve, 20 * (tries % 20)))
          await cloud.kill(name)
          await Promise.all(orders)
        }
      }
      for (const vendor of vendors) await cloud.faults(vendor, { latencyMs: 0 })
    },
  }
}
