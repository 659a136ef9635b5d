import { test } from 'node:test'
import { surviveEveryCrash } from 'create-order/testing'

test('Parcel Post makes one label for an order, whatever crashes', async () => {
  await surviveEveryCrash({
    adapter: new URL('../vendors/parcel-post/client.ts#createParcelPost', import.meta.url),
    fake: new URL('../vendors/parcel-post/fake.ts#parcelPost', import.meta.url),
    step: 'logistics',
    promises: { honoursIdempotencyKey: false, canBeLookedUp: true, canBeCancelled: true },
  })
})
