import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { LocalVendor } from '../vendors/protocol.ts'

const application: { localVendors: readonly LocalVendor[] } = await import(
  pathToFileURL(resolve('vendors/local.ts')).href
)
/** The vendors of the application in the current folder. */
export const { localVendors } = application

/** The vendor for a name in the control API: a step's name (`logistics`, `wms`) means the step's first vendor. */
export const vendorNamed = (asked: string): string =>
  localVendors.find(({ step }) => step === asked)?.name ?? asked
