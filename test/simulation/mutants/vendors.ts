import { type Mutant, mutant } from './mutant.ts'

const changes = 'domain/order-changes.ts'
const asking = 'application/ask-vendor.ts'
const vendorClient = 'adapters/vendor-client.ts'

/** Bugs in what is made of a vendor’s answers. */
export const vendorMutants: readonly Mutant[] = [
  // The vendor.
  mutant('a look-up is believed too soon', asking, 'if (now() < settledAt)', 'if (now() < 0)'),
  mutant(
    'any 404 of a look-up is believed',
    vendorClient,
    "call === 'look-up' && codeIn(body) === 'NOT_FOUND'",
    "call === 'look-up'",
    'late answers',
  ),
  mutant(
    'a 5xx is taken for a refusal',
    vendorClient,
    'certain: false }\n  // A redirect',
    'certain: true }\n  // A redirect',
  ),
  mutant(
    'a time-out is taken for no work done',
    vendorClient,
    'reason: reply.reason, certain: false',
    'reason: reply.reason, certain: true',
  ),
  mutant(
    'an unreadable answer is taken for no work done',
    vendorClient,
    "reason: 'UNREADABLE_ANSWER', certain: false",
    "reason: 'UNREADABLE_ANSWER', certain: true",
  ),
  mutant(
    'a 503 with Retry-After is taken for no work done',
    vendorClient,
    "reason: 'VENDOR_UNAVAILABLE', retryAfterMs, ourFault: false, certain: false",
    "reason: 'VENDOR_UNAVAILABLE', retryAfterMs, ourFault: false, certain: true",
  ),
  mutant(
    'a 202 is taken for nothing accepted',
    asking,
    "waits('NOT_READY_YET', false",
    "waits('NOT_READY_YET', true",
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
    asking,
    'earlier?.round ?? order.round',
    'order.attempts',
    'straight',
    'honours keys',
  ),
  mutant(
    'a redrive of an unknown outcome gets a new key',
    asking,
    'earlier?.round ?? order.round',
    'order.round',
    'failing vendor',
    'keys only',
  ),
  mutant(
    'an unknown outcome is forgotten by the next failure',
    changes,
    'since === undefined\n    ?',
    'since !== 0\n    ?',
  ),
  mutant(
    'an unknown outcome is forgotten while it settles',
    changes,
    '...(unknownOutcome && { unknownOutcome }),\n      nextAttemptAt',
    'nextAttemptAt',
    'delivered twice',
  ),
  mutant(
    'an unknown outcome is forgotten when a claim is given back unused',
    changes,
    'set: { ...(unknownOutcome && { unknownOutcome }), outboxDueAt',
    'set: { outboxDueAt',
    'no credential',
  ),
]
