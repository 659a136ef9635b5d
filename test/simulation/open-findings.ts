import type { Violation } from './invariants/watch.ts'
import type { Fault } from './kernel/fault-points.ts'
import type { OurOutage } from './kernel/options.ts'
import type { PathName } from './scenarios.ts'
import type { VendorKind } from './vendor-kinds.ts'

/**
 * What the code does not survive yet. Nothing of this is part of the suites: `--only findings` plays it, and says
 * what is violated. Whatever holds is taken out of these lists, and so becomes part of them.
 */
export const open: {
  vendorKinds: readonly VendorKind[]
  paths: readonly PathName[]
  faults: readonly Fault[]
  invariants: readonly string[]
  /** What else does not happen in random worlds. */
  random: readonly (OurOutage['what'] | 'hours' | 'release')[]
} = {
  vendorKinds: [
    'refuses duplicates',
    'errors in a 200',
    'overload as 400',
    'no tracking URL',
    'shows late',
    'forgets keys',
    'forgets keys, refuses duplicates',
    'forgets keys, no look-up',
  ],
  paths: [
    'bad certificate',
    'no messages for hours',
    'no messages, then cancelled',
    'workers crash for hours',
    'no lock for hours',
    'no order table for hours',
    'no bus for hours',
    'requests change',
    'written by the release before',
    'placed again after retention',
    'keys forgotten',
    'trouble without end',
    'unwritable answer',
  ],
  faults: [
    'refused',
    'TLS failure',
    'foreign answer',
    'blank identifier',
    'control characters',
    'cancelled by the vendor',
  ],
  invariants: ['prompt', 'sent first', 'sendings counted', 'no copies'],
  random: ['hours', 'mappings', 'workers', 'orders', 'release'],
}

/** The violations that count: those of invariants which the code does not keep yet are for `--only findings`. */
export const counted = (violations: readonly Violation[]): Violation[] =>
  violations.filter(({ invariant }) => !open.invariants.includes(invariant))
