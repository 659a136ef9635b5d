import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from '@jest/globals'
import { type AdapterTest, surviveEveryCrash } from '../../package/testing.ts'
import { easyPostTestAccount } from '../../vendors/easypost/options.ts'

const at = (path: string) => new URL(`../../${path}`, import.meta.url)
const contract = {
  adapter: at('vendors/contract/client.ts#createLogisticsClient'),
  fake: at('vendors/contract/fake.ts#carrier'),
}
const keys = { honoursIdempotencyKey: true, canBeLookedUp: false, canBeCancelled: true }
const lookUps = { honoursIdempotencyKey: false, canBeLookedUp: true, canBeCancelled: true }

test.each<[string, AdapterTest]>([
  ["the contract's carrier, looked up", { ...contract, step: 'logistics', promises: lookUps }],
  ["the contract's carrier, by keys", { ...contract, step: 'logistics', promises: keys }],
  [
    "the contract's warehouse",
    {
      adapter: at('vendors/contract/client.ts#createWmsClient'),
      fake: at('vendors/contract/fake.ts#warehouse'),
      step: 'wms',
      promises: keys,
    },
  ],
  [
    'EasyPost',
    {
      adapter: at('vendors/easypost/client.ts#createEasyPostClient'),
      fake: at('vendors/easypost/fake.ts#easyPost'),
      step: 'logistics',
      promises: lookUps,
      options: easyPostTestAccount.options,
    },
  ],
  [
    'Amazon Multi-Channel Fulfillment',
    {
      adapter: at('vendors/amazon-mcf/client.ts#createAmazonMcfClient'),
      fake: at('vendors/amazon-mcf/fake.ts#amazonMcf'),
      step: 'wms',
      promises: lookUps,
      options: { marketplaceId: 'A13V1IB3VIYZZH', speeds: {}, comment: 'Merci !' },
      order: {
        shippingAddress: {
          name: 'Vins et alcools Chevalier',
          line1: "59 rue de l'Abbaye",
          city: 'Reims',
          postalCode: '51100',
          country: 'FR',
        },
      },
      asyncMs: 40_000,
    },
  ],
])('%s survives every crash', async (_, adapterTest) => {
  const { runs } = await surviveEveryCrash({ ...adapterTest, pairs: 400 })

  expect(runs).toBeGreaterThan(200)
})

test("the vendor of an application's own step survives every crash, too", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'own-step-'))
  const write = (file: string, text: string) => writeFile(join(folder, file), text)
  await mkdir(join(folder, 'lib'))
  await write(
    'lib/steps.ts',
    `import { addStep } from '${at('package/steps.ts')}'
addStep({ step: 'giftwrap', vendor: 'gift wrapper', status: 'GIFT_WRAPPED', after: 'logistics' })`,
  )
  await write(
    'wrapper.ts',
    `import { contractAt } from '${at('vendors/contract/client.ts')}'
import { contract } from '${at('vendors/contract/fake.ts')}'
export const client = contractAt('/wraps', 'wrap', ({ items }) => ({ items }))
export const fake = contract.at('/wraps', 'wrap')`,
  )
  const own = (name: string) => new URL(`#${name}`, pathToFileURL(join(folder, 'wrapper.ts')))
  const before = process.cwd()
  process.chdir(folder)
  try {
    // A step that this repository's types do not know.
    const step = 'giftwrap' as never
    const wrapper = { adapter: own('client'), fake: own('fake'), step, promises: lookUps, pairs: 400 }
    const { runs } = await surviveEveryCrash(wrapper)

    expect(runs).toBeGreaterThan(300)
  } finally {
    process.chdir(before)
    await rm(folder, { recursive: true })
  }
})

test.each([
  ['ignores the key', 'ignoresTheKey', keys],
  ['trusts a 404', 'trustsA404', lookUps],
  ['retries on its own', 'retriesByItself', lookUps],
])('an adapter that %s is caught, with the failing run', async (_, name, promises) => {
  const adapter = at(`test/package/broken-adapters.ts#${name}`)
  const caught = await surviveEveryCrash({
    ...contract,
    adapter,
    step: 'logistics',
    promises,
    pairs: 1,
  }).catch(String)

  expect(caught).toMatch(/VIOLATED: nothing twice/)
  expect(caught).toMatch(/logistics made 2 for ord_/)
  expect(caught).toMatch(/Fault: ".+ at logistics-worker: /)
})
