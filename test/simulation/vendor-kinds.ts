import { firstStep, type StepName } from '../../lambdas/domain/chain.ts'
import { forEachStep } from '../for-each-step.ts'
import type { VendorTraits } from './models/vendor.ts'

const minuteMs = 60_000

const keysAndLookUp = { honoursIdempotencyKey: true, canBeLookedUp: true }
const lookUpOnly = { honoursIdempotencyKey: false, canBeLookedUp: true }
const keysOnly = { honoursIdempotencyKey: true, canBeLookedUp: false }
const neither = { honoursIdempotencyKey: false, canBeLookedUp: false }

type Vendors = Record<StepName, VendorTraits>

const all = (traits: VendorTraits): Vendors => forEachStep(() => traits)
const firstAndOthers = (first: VendorTraits, others: VendorTraits): Vendors =>
  forEachStep((step) => (step === firstStep ? first : others))

/** Kinds of carriers and warehouses: as docs/vendor-contract.md requires, and as real ones behave. */
export const vendorKinds = {
  'honours keys': all(keysAndLookUp),
  'look-up only': all(lookUpOnly),
  'keys only': all(keysOnly),
  neither: all(neither),
  asynchronous: firstAndOthers({ ...keysAndLookUp, asyncMs: 40_000 }, keysAndLookUp),
  'asynchronous, look-up only': firstAndOthers(lookUpOnly, { ...lookUpOnly, asyncMs: 40_000 }),
  /** References are unique, and a repeat is refused instead of answered again. */
  'refuses duplicates': firstAndOthers(
    { ...lookUpOnly, quirks: ['refuses duplicates'] },
    { ...neither, quirks: ['refuses duplicates'] },
  ),
  'errors in a 200': firstAndOthers(
    { ...lookUpOnly, quirks: ['errors in a 200'] },
    { ...keysOnly, quirks: ['errors in a 200'] },
  ),
  'overload as 400': all({ ...lookUpOnly, quirks: ['overload as 400'] }),
  'no tracking URL': all({ ...lookUpOnly, quirks: ['no tracking URL', 'padded identifiers'] }),
  /** A new thing shows up in look-ups late, but within the settle time. */
  'shows late': all({ ...lookUpOnly, showsAfterMs: 55_000 }),
  /** Keys are kept for an hour instead of a day, because the waiting limit is scaled likewise (times.ts). */
  'forgets keys': all({ ...keysAndLookUp, keysKeptMs: 60 * minuteMs }),
  /** The vendor forgets the key, but not what it made under it. */
  'forgets keys, refuses duplicates': all({
    ...keysOnly,
    keysKeptMs: 60 * minuteMs,
    quirks: ['refuses duplicates'],
  }),
  'forgets keys, no look-up': all({ ...keysOnly, keysKeptMs: 60 * minuteMs }),
  /** A carrier with EasyPost's API and our client for it: a label takes two calls, with a checkpoint between them. */
  easypost: firstAndOthers({ ...lookUpOnly, adapter: 'easypost' }, lookUpOnly),
  /** A warehouse with Amazon's API and our client for it: it needs tokens, and checks an order after accepting it. */
  'amazon-mcf': firstAndOthers(lookUpOnly, { ...lookUpOnly, adapter: 'amazon-mcf', asyncMs: 40_000 }),
  'no way to cancel': all({ ...lookUpOnly, canBeCancelled: false }),
} as const satisfies Record<string, Vendors>
/** The name of a kind of vendors. */
export type VendorKind = keyof typeof vendorKinds
