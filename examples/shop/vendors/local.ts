import { contract, type LocalVendor } from 'create-order/local'
import { parcelPost } from './parcel-post/fake.ts'

export const localVendors: readonly LocalVendor[] = [
  { name: 'parcel-post', step: 'logistics', adapter: 'parcel-post', protocol: parcelPost },
  { name: 'wrapper', step: 'giftwrap', adapter: 'contract', protocol: contract.at('/wraps', 'wrap') },
  { name: 'warehouse', step: 'wms', adapter: 'contract', protocol: contract.wms },
]
