import type { PathName } from './scenarios.ts'
import { type VendorKind, vendorKinds } from './vendor-kinds.ts'

/** How many of a path's faults are played. A "cut" is one injected fault. */
export interface Coverage {
  vendorKinds: readonly VendorKind[]
  /** The kinds with which only single cuts are played, no pairs. */
  singly?: readonly VendorKind[]
  /** One pair of cuts in this many is played; none for 0. */
  pairs: number
  /** In the fast subset one single cut in this many is played, with the last of the kinds. */
  fast: number
}

/**
 * The kinds of vendors that the straight path is played with. Those that forget keys after an hour are left out, because
 * an order on this path is done within half an hour.
 */
const straightKinds = (Object.keys(vendorKinds) as VendorKind[]).filter(
  (kind) => !kind.startsWith('forgets keys'),
)

/** Everything on the straight path, and samples of the longer paths. */
export const coverage: Record<PathName, Coverage> = {
  straight: { vendorKinds: straightKinds, pairs: 1, fast: 1 },
  'second carrier': { vendorKinds: ['honours keys', 'look-up only'], pairs: 20, fast: 8 },
  rerouted: { vendorKinds: ['honours keys', 'neither', 'look-up only'], pairs: 20, fast: 4 },
  'rerouted and back': { vendorKinds: ['neither', 'look-up only'], pairs: 50, fast: 8 },
  'corrected and redriven': {
    vendorKinds: ['honours keys', 'errors in a 200', 'refuses duplicates', 'look-up only', 'neither'],
    singly: ['easypost'],
    pairs: 5,
    fast: 2,
  },
  'cancelled when ready': {
    vendorKinds: ['honours keys', 'neither', 'shows late', 'no way to cancel', 'look-up only'],
    singly: ['easypost', 'amazon-mcf'],
    pairs: 1,
    fast: 2,
  },
  'settled by hand': { vendorKinds: ['neither'], pairs: 5, fast: 2 },
  'cancelled and settled': { vendorKinds: ['no way to cancel'], pairs: 5, fast: 2 },
  'cancelled too late': {
    vendorKinds: ['honours keys', 'look-up only'],
    singly: ['easypost', 'amazon-mcf'],
    pairs: 5,
    fast: 2,
  },
  'refused and cancelled': { vendorKinds: ['look-up only'], pairs: 5, fast: 2 },
  'delivered twice': { vendorKinds: ['honours keys', 'look-up only'], pairs: 5, fast: 2 },
  'requests change': { vendorKinds: ['look-up only', 'keys only', 'honours keys'], pairs: 5, fast: 2 },
  'written by the release before': { vendorKinds: ['honours keys', 'look-up only'], pairs: 20, fast: 8 },
  'placed again after retention': {
    vendorKinds: ['honours keys', 'keys only', 'refuses duplicates', 'look-up only'],
    pairs: 20,
    fast: 8,
  },
  'no bus': { vendorKinds: ['look-up only'], pairs: 20, fast: 4 },
  'no lock': { vendorKinds: ['look-up only'], pairs: 20, fast: 8 },
  'late answers': { vendorKinds: ['honours keys', 'shows late', 'look-up only'], pairs: 20, fast: 4 },
  'unwritable answer': { vendorKinds: ['look-up only'], pairs: 20, fast: 8 },
  'no credential': { vendorKinds: ['look-up only'], singly: ['amazon-mcf'], pairs: 100, fast: 16 },
  'failing vendor': { vendorKinds: ['honours keys', 'look-up only'], pairs: 100, fast: 8 },
  'bad certificate': { vendorKinds: ['neither'], pairs: 100, fast: 16 },
  'keys forgotten': {
    vendorKinds: ['forgets keys, no look-up', 'forgets keys, refuses duplicates', 'forgets keys'],
    pairs: 100,
    fast: 16,
  },
  outage: { vendorKinds: ['look-up only'], pairs: 100, fast: 16 },
  'never consumed': { vendorKinds: ['look-up only'], pairs: 100, fast: 16 },
  'no messages for hours': {
    vendorKinds: [
      'honours keys',
      'forgets keys, no look-up',
      'refuses duplicates',
      'neither',
      'look-up only',
    ],
    pairs: 0,
    fast: 16,
  },
  'no messages, then cancelled': { vendorKinds: ['honours keys', 'look-up only'], pairs: 0, fast: 16 },
  'workers crash for hours': { vendorKinds: ['neither', 'look-up only'], pairs: 0, fast: 32 },
  'no lock for hours': { vendorKinds: ['neither', 'look-up only'], pairs: 0, fast: 64 },
  'no order table for hours': { vendorKinds: ['look-up only'], pairs: 0, fast: 32 },
  'no bus for hours': { vendorKinds: ['look-up only'], pairs: 0, fast: 16 },
  'trouble without end': { vendorKinds: ['look-up only'], pairs: 0, fast: 64 },
}
