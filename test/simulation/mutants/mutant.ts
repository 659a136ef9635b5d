import type { Patch } from '../hooks.ts'
import type { PathName, VendorSort } from '../scenarios.ts'

/** A bug that somebody might write, and the path on which to look for it first. */
export interface Mutant {
  name: string
  patches: readonly Patch[]
  path: PathName
  sort: VendorSort
}

/** A mutant of one small change. */
export const mutant = (
  name: string,
  file: string,
  find: string,
  replace: string,
  path: PathName = 'straight',
  sort: VendorSort = 'look-up only',
): Mutant => ({ name, patches: [{ file, find, replace }], path, sort })

/** A mutant that takes a second change: what the first one breaks, something else makes good. */
export const both = (first: Mutant, second: Patch): Mutant => ({
  ...first,
  patches: [...first.patches, second],
})
