import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startVendorSimulator, type VendorSimulator } from '../../local/vendor-simulator.ts'
import { type ContractTest, contractOf } from '../../package/testing.ts'
import { createAmazonMcfClient } from '../../vendors/amazon-mcf/client.ts'
import { amazonMcf } from '../../vendors/amazon-mcf/fake.ts'
import { createLogisticsClient, createWmsClient } from '../../vendors/contract/client.ts'
import { carrier, warehouse } from '../../vendors/contract/fake.ts'
import { createEasyPostClient } from '../../vendors/easypost/client.ts'
import { easyPost } from '../../vendors/easypost/fake.ts'
import { easyPostTestAccount } from '../../vendors/easypost/options.ts'
import type { CreateProtocol } from '../../vendors/protocol.ts'
import { ignoresTheKey, retriesByItself, trustsA404 } from './broken-adapters.ts'

const all = { honoursIdempotencyKey: true, canBeLookedUp: true, canBeCancelled: true }
const lookUps = { ...all, honoursIdempotencyKey: false }
const ours: ContractTest = { adapter: createLogisticsClient, vendor: carrier, promises: all }

test.each<[string, ContractTest]>([
  ["the contract's carrier", ours],
  ["the contract's warehouse", { ...ours, adapter: createWmsClient, vendor: warehouse }],
  [
    'EasyPost',
    {
      adapter: createEasyPostClient,
      vendor: easyPost,
      promises: lookUps,
      options: easyPostTestAccount.options,
    },
  ],
  [
    'Amazon Multi-Channel Fulfillment',
    {
      adapter: createAmazonMcfClient,
      vendor: amazonMcf,
      promises: lookUps,
      options: { marketplaceId: 'ATVPDKIKX0DER', speeds: {}, comment: 'Thank you!' },
    },
  ],
])('%s keeps the vendor contract as far as promised', async (_, contractTest) => {
  const { kept, leftOut } = await contractOf(contractTest)

  expect(leftOut.map(({ because }) => because)).toEqual(
    contractTest.promises.honoursIdempotencyKey
      ? []
      : Array(2).fill('the vendor does not promise to honour keys'),
  )
  expect(kept.length + leftOut.length).toBe(16)
})

/** The kit's error about an adapter or a vendor that breaks its promises. */
const complaint = (contractTest: ContractTest): Promise<unknown> => contractOf(contractTest).catch(String)

test.each<[string, Partial<ContractTest>, RegExp]>([
  [
    'ignores the key',
    { adapter: ignoresTheKey },
    /repeat with the same key .*\n +No: the answers were .*"awb":"AWB\d+".* and .*"awb":"AWB\d+"/,
  ],
  ['trusts a 404', { adapter: trustsA404 }, /404 page .*\n +No: the look-up believed it/],
  [
    'retries on its own',
    { adapter: retriesByItself },
    /leave it to the pipeline .*\n +No: without an answer to POST \/awbs it sent it once more by itself/,
  ],
])('an adapter that %s is caught, by the question that it fails', async (_, broken, story) => {
  expect(await complaint({ ...ours, ...broken })).toMatch(story)
})

/** A carrier that accepts one credential. */
const guarded: CreateProtocol = (host) => ({
  ...carrier(host),
  isAuthorized: ({ headers }) => headers.authorization === 'Bearer right',
})

describe('a sandbox', () => {
  let sandbox: VendorSimulator
  beforeEach(async () => {
    sandbox = await startVendorSimulator({ name: 'sandbox', protocol: guarded, usualMs: [5, 10] })
  })
  afterEach(() => sandbox.stop())
  const ask = () => contractOf({ ...ours, vendor: { url: sandbox.url, credential: 'right' } })

  test('is tested over the network, without the question of when it is too late', async () => {
    const { kept, leftOut } = await ask()

    expect(kept).toHaveLength(15)
    expect(leftOut).toEqual([
      { question: 'Is it too late to undo what has left?', because: expect.stringContaining('by hand') },
    ])
  })

  test.each([
    ['makes a second thing for a repeat', { idempotency: false }, 'Does a repeat with the same key'],
    ['cannot undo its work, although it promises to', { voids: false }, 'Is what was made undone on demand'],
  ])('that %s is caught', async (_, faults, question) => {
    sandbox.setFaults(faults)

    expect(await ask().catch(String)).toContain(question)
  })
})
