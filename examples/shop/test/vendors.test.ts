import { test } from 'node:test'
import { contractOf, surviveEveryCrash } from 'create-order/testing'
import { createParcelPost } from '../vendors/parcel-post/client.ts'
import { parcelPost } from '../vendors/parcel-post/fake.ts'

const promises = { honoursIdempotencyKey: false, canBeLookedUp: true, canBeCancelled: true }

test('Parcel Post keeps the vendor contract, as far as it promises it', async () => {
  await contractOf({ adapter: createParcelPost, vendor: parcelPost, promises })
})

test('Parcel Post makes one label for an order, whatever crashes', async () => {
  const adapter = new URL('../vendors/parcel-post/client.ts#createParcelPost', import.meta.url)
  const fake = new URL('../vendors/parcel-post/fake.ts#parcelPost', import.meta.url)
  await surviveEveryCrash({ adapter, fake, step: 'logistics', promises })
})
