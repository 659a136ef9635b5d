import { contract } from './contract/fake.ts'
import { easyPost } from './easypost/fake.ts'
import type { LocalVendor } from './protocol.ts'

/** The vendors of the environment dev, as `npm start` simulates them. */
export const localVendors: readonly LocalVendor[] = [
  { name: 'carrier', step: 'logistics', adapter: 'contract', protocol: contract.logistics },
  { name: 'easypost', step: 'logistics', adapter: 'easypost', protocol: easyPost },
  { name: 'warehouse', step: 'wms', adapter: 'contract', protocol: contract.wms },
]
