import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startVendorSimulator, type VendorSimulator } from '../../local/vendor-simulator.ts'
import { contract } from '../../vendors/contract/fake.ts'
import { addedLines, type CopiedTree, checks, copyTree, gate, snippetsOf } from '../copied-tree.ts'
import { type Cloud, type OrderView, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'

const snippets = snippetsOf('docs/forking.md', 'Add a vendor')
const isReady = ({ status }: OrderView) => status === 'READY_FOR_FULFILLMENT'
let tree: CopiedTree

beforeAll(async () => {
  tree = await copyTree()
  for (const snippet of snippets) await tree.apply(snippet)
})
afterAll(() => tree?.remove())

test("the guide's second carrier takes a few lines of config and nothing else", () => {
  expect(snippets.map(({ file }) => file)).toEqual(['bin/environments.ts'])
  expect(snippets.reduce((sum, snippet) => sum + addedLines(snippet), 0)).toBeLessThanOrEqual(10)
})

test.each([...checks, gate])('the %s passes with it', async (_, command, args) => {
  expect(await tree.run(command, ...args)).toEqual(expect.objectContaining({ exitCode: 0 }))
})

test('it does not start locally without a URL for it, so that no real vendor is called', async () => {
  await expect(startCloud({ folder: tree.folder })).rejects.toThrow(
    'courier has no simulator, and would be called at https://sandbox.courier.example/v1',
  )
})

describe("on an order's way", () => {
  let courier: VendorSimulator
  let cloud: Cloud
  let token: string

  beforeAll(async () => {
    courier = await startVendorSimulator({ name: 'courier', protocol: contract.logistics })
    cloud = await startCloud({ speed: 60, folder: tree.folder, vendors: { courier: courier.url } })
    token = await cloud.token()
  })
  afterAll(async () => {
    await cloud?.stop()
    await courier?.stop()
  })

  const place = async (reference: string, shippingService: string) =>
    (await cloud.place(token, { ...sampleOrder(reference), shippingService })).body.orderId
  const carriersOf = async (orderId: string) => ({
    carrier: (await cloud.ledger('logistics')).some(({ reference }) => reference === orderId),
    courier: courier.ledger().some(({ reference }) => reference === orderId),
  })
  /** The distinct events of an order, with their lanes. */
  const lanesOf = async (orderId: string) => {
    const events = (await cloud.events()).filter(({ detail }) => detail.data.orderId === orderId)
    return [...new Map(events.map(({ 'detail-type': type, detail }) => [type, detail.data.lane]))]
  }

  test('its route sends orders to it, and the others to the first carrier', async () => {
    const [swift, usual] = [await place('courier-1', 'courier'), await place('courier-2', 'economy')]
    for (const orderId of [swift, usual]) await cloud.follow(token, orderId, isReady)

    expect(await carriersOf(swift)).toEqual({ carrier: false, courier: true })
    expect(await carriersOf(usual)).toEqual({ carrier: true, courier: false })
    expect(await lanesOf(swift)).toEqual([
      ['ORDER_CREATED', 'courier'],
      ['AWB_GENERATED', 'warehouse'],
      ['READY_FOR_FULFILLMENT', undefined],
    ])
  })

  test('its orders continue while the first carrier is down, and vice versa', async () => {
    await cloud.faults('logistics', { down: true })
    const waiting = await place('courier-3', 'economy')
    await cloud.follow(token, waiting, ({ attention }) => attention?.state === 'waiting')
    await cloud.follow(token, await place('courier-4', 'courier'), isReady)
    await cloud.faults('logistics', { down: false })
    await cloud.follow(token, waiting, isReady)

    courier.setFaults({ down: true })
    const other = await place('courier-5', 'courier')
    await cloud.follow(token, other, ({ attention }) => attention?.state === 'waiting')
    await cloud.follow(token, await place('courier-6', 'economy'), isReady)
    courier.setFaults({ down: false })
    await cloud.follow(token, other, isReady)
  })
})
