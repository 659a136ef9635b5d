import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LocalVendor } from '../vendors/protocol.ts'

const application: { localVendors: readonly LocalVendor[] } = await import(
  pathToFileURL(resolve('vendors/local.ts')).href
)
/** Those of the application whose folder this is. */
export const { localVendors } = application

/** A step's name stands for its first vendor; any other name is a vendor's. */
export const vendorNamed = (asked: string): string =>
  localVendors.find(({ step }) => step === asked)?.name ?? asked
