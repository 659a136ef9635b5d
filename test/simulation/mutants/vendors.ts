import { type Mutant, mutant } from './mutant.ts'

const calling = 'application/vendor-call.ts'
const uncertainty = 'domain/uncertainty.ts'
const vendorClient = 'adapters/vendor-client.ts'

/** Bugs in what is made of a vendor’s answers. */
export const vendorMutants: readonly Mutant[] = [
  // The vendor.
  mutant('a look-up is believed too soon', calling, 'return waitMs <= 0', 'return waitMs <= 1e9'),
  mutant(
    'any 404 of a look-up is believed',
    vendorClient,
    "call === 'look-up' && named === 'NOT_FOUND'",
    "call === 'look-up'",
    'late answers',
  ),
  mutant(
    'a 5xx is taken for a refusal',
    vendorClient,
    "status >= 500) return { made: 'unknown', blame: 'vendor', reason }",
    "status >= 500) return { made: 'no', blame: 'vendor', reason }",
  ),
  mutant(
    'a time-out is taken for no work done',
    vendorClient,
    "return { made: 'unknown', blame: 'vendor', reason: reply.reason }",
    "return { made: 'no', blame: 'vendor', reason: reply.reason }",
  ),
  mutant(
    'an unreadable answer is taken for no work done',
    vendorClient,
    "return { made: 'unknown', blame: 'unclear', reason: 'UNREADABLE_ANSWER' }",
    "return { made: 'no', blame: 'unclear', reason: 'UNREADABLE_ANSWER' }",
  ),
  mutant(
    'a 503 with Retry-After is taken for no work done',
    vendorClient,
    "return { made: 'unknown', blame: 'vendor', reason: 'VENDOR_UNAVAILABLE', retryAfterMs }",
    "return { made: 'no', blame: 'vendor', reason: 'VENDOR_UNAVAILABLE', retryAfterMs }",
  ),
  mutant(
    'a 202 is taken for nothing accepted',
    vendorClient,
    "return { made: 'accepted', blame: 'nobody'",
    "return { made: 'no', blame: 'nobody'",
    'straight',
    'asynchronous, look-up only',
  ),
  mutant(
    'a wrong credential is taken for a refused order',
    vendorClient,
    'new Set([400, 413, 422])',
    'new Set([400, 401, 413, 422])',
  ),
  mutant(
    'every attempt has a key of its own',
    calling,
    'return create(order, question.round, question, turn)',
    'return create(order, order.attempts + 20, question, turn)',
    'straight',
    'honours keys',
  ),
  mutant(
    'a redrive of an unknown outcome gets a new key',
    calling,
    'return create(order, question.round, question, turn)',
    'return create(order, order.round, question, turn)',
    'failing vendor',
    'keys only',
  ),
  mutant(
    'an unknown outcome is forgotten by the next failure',
    uncertainty,
    "if (blame === 'unreached') return before",
    "if (blame === 'unreached' || made !== 'accepted') return undefined",
  ),
  mutant(
    'an unknown outcome is forgotten by a call that did not connect',
    uncertainty,
    "if (blame === 'unreached') return before",
    "if (blame === 'unreached') return undefined",
    'failing vendor',
    'keys only',
  ),
  mutant(
    'what was not there is made anew under a reference that no look-up will ask for',
    calling,
    "'certainly not there' ? create(order, question.round, undefined, turn)",
    "'certainly not there' ? create(order, order.round, undefined, turn)",
    'failing vendor',
  ),
  mutant(
    'a redrive answers a question',
    'domain/step-changes.ts',
    '...(isNothingMade ? ',
    '...(step ? ',
    'failing vendor',
  ),
  mutant(
    'a refusal of a repeat is taken for certain',
    uncertainty,
    "if (before === undefined && made === 'no') return undefined",
    "if (made === 'no') return undefined",
    'corrected and redriven',
  ),
]
