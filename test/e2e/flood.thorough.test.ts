import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startVendorSimulator, type VendorSimulator } from '../../local/vendor-simulator.ts'
import { contract } from '../../vendors/contract/fake.ts'
import { type CopiedTree, copyTree, snippetsOf } from '../copied-tree.ts'
import { type Cloud, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'
import { isReady } from './shop.ts'

const flood = 2000
const atOnce = 16

let tree: CopiedTree
let simulators: VendorSimulator[] = []
let cloud: Cloud
let quiet: string
let bulk: string

beforeAll(async () => {
  tree = await copyTree()
  for (const snippet of snippetsOf('docs/floods.md', 'Behind the click')) await tree.apply(snippet)
  const [carrier, warehouse] = [
    await startVendorSimulator({ name: 'carrier-bulk', protocol: contract.logistics }),
    await startVendorSimulator({ name: 'warehouse-bulk', protocol: contract.wms }),
  ]
  simulators = [carrier, warehouse]
  const vendors = { 'carrier-bulk': carrier.url, 'warehouse-bulk': warehouse.url }
  cloud = await startCloud({ speed: 1, folder: tree.folder, vendors })
  quiet = await cloud.token('quiet')
  bulk = await cloud.token('bulk')
})
afterAll(async () => {
  await cloud?.stop()
  await Promise.all(simulators.map((each) => each.stop()))
  await tree?.remove()
})

/** Places an order, and retries if a starved process has failed. */
async function place(token: string, name: string): Promise<string> {
  const { body } = await cloud.until(
    () => cloud.place(token, sampleOrder(name)),
    ({ status }) => status === 201,
  )
  return body.orderId
}

/**
 * The time from the click to READY in ms, from the order's timeline: the shortest of several orders, placed one after
 * the other. Other load on the machine delays single orders, but a queue ahead of them would delay all.
 */
async function timeOfQuietShop(name: string): Promise<number> {
  const times: number[] = []
  for (let number = 0; number < 9; number += 1) {
    const orderId = await place(quiet, `${name}-${number}`)
    const { timeline } = await cloud.follow(quiet, orderId, isReady)
    times.push(Date.parse(timeline.at(-1)?.at ?? '') - Date.parse(timeline[0]?.at ?? ''))
  }
  return Math.min(...times)
}

const waitingOfBulk = async (): Promise<number> => {
  const queues = await cloud.queues()
  const { visible = 0, inFlight = 0 } = queues.find(({ name }) => name === 'LogisticsCarrierBulk/Queue') ?? {}
  return visible + inFlight
}

test("while a shop floods its own lane, another shop's order takes at most twice as long as without the flood", async () => {
  await timeOfQuietShop('first')
  const alone = await timeOfQuietShop('alone')

  const ids: string[] = []
  for (let done = 0; done < flood; done += atOnce)
    ids.push(
      ...(await Promise.all(
        Array.from({ length: atOnce }, (_, index) => place(bulk, `bulk-${done + index}`)),
      )),
    )
  const before = await waitingOfBulk()
  const meanwhile = await timeOfQuietShop('meanwhile')
  const after = await waitingOfBulk()

  expect(ids).toHaveLength(flood)
  expect(before).toBeGreaterThan(flood / 4)
  expect(after).toBeGreaterThan(flood / 10)
  expect((await cloud.order(bulk, ids.at(-1) ?? '')).status).toBe('CREATED')
  expect(meanwhile / alone).toBeLessThanOrEqual(2)
})
