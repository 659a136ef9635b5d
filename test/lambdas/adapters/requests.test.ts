import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { createLogisticsClient, createWmsClient } from '../../../vendors/contract/client.ts'
import { storedOrder } from '../../builders.ts'
import { createVendorHttpDouble, savesNothing } from '../doubles.ts'

/** The request of each version, as it went out: a question of an older version must never be asked in a newer one. */
const onRecord = (vendor: string, version: number): unknown =>
  JSON.parse(readFileSync(new URL(`requests/${vendor}-v${version}.json`, import.meta.url), 'utf8'))

test.each([
  ['logistics', createLogisticsClient],
  ['wms', createWmsClient],
])(
  'a request to %s is the one on record for its version: another one is another version',
  async (vendor, createClient) => {
    const { http, posted } = createVendorHttpDouble({})
    const client = createClient(http, {})

    const order = storedOrder({ awb: 'AWB-1' })
    await client.create({ order, reference: 'our-reference', save: savesNothing })

    expect(posted).toEqual([[expect.any(String), onRecord(vendor, client.requestVersion)]])
  },
)
