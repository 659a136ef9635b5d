import type { Patch } from '../hooks.ts'
import type { PathName } from '../scenarios.ts'
import type { VendorKind } from '../vendor-kinds.ts'

/** A bug that a change might introduce, and where to look for it first. */
export interface Mutant {
  name: string
  patches: readonly Patch[]
  path: PathName
  vendorKind: VendorKind
  /** The cuts that are played first, by the beginnings of their names: a fault, or "fault at address". */
  first: string | undefined
}

/** A mutant of one small change. */
export const mutant = (
  name: string,
  file: string,
  find: string,
  replace: string,
  path: PathName = 'straight',
  vendorKind: VendorKind = 'look-up only',
  first?: string,
): Mutant => ({ name, patches: [{ file, find, replace }], path, vendorKind, first })

/** A mutant of two changes, because the code has two safeguards against the bug. */
export const both = (first: Mutant, second: Patch): Mutant => ({
  ...first,
  patches: [...first.patches, second],
})
