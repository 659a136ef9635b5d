import { contract } from '../vendors/contract/fake.ts'
import { easyPost } from '../vendors/easypost/fake.ts'

/** The vendors that run locally: those of the environment dev, of each step first the one that gets most orders. */
export const localVendors = [
  { name: 'carrier', step: 'logistics', adapter: 'contract', protocol: contract.logistics },
  { name: 'easypost', step: 'logistics', adapter: 'easypost', protocol: easyPost },
  { name: 'warehouse', step: 'wms', adapter: 'contract', protocol: contract.wms },
]

/** A step's name stands for its first vendor; any other name is a vendor's. */
export const vendorNamed = (asked: string): string =>
  localVendors.find(({ step }) => step === asked)?.name ?? asked
