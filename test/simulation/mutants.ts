import type { Patch } from './hooks.ts'
import type { PathName, VendorSort } from './scenarios.ts'

/** A bug that somebody might write, and the path on which to look for it first. */
export interface Mutant {
  name: string
  patches: readonly Patch[]
  path: PathName
  sort: VendorSort
}

const mutant = (
  name: string,
  file: string,
  find: string,
  replace: string,
  path: PathName = 'straight',
  sort: VendorSort = 'look-up only',
): Mutant => ({ name, patches: [{ file, find, replace }], path, sort })


const both = (first: Mutant, second: Patch): Mutant => ({ ...first, patches: [...first.patches, second] })

const repository = 'adapters/order-repository.ts'
const changes = 'domain/order-changes.ts'
const attempt = 'runtime/step-attempt.ts'
const asking = 'runtime/ask-vendor.ts'
const vendorClient = 'adapters/vendor-client.ts'
const breaker = 'adapters/circuit-breaker.ts'
const relay = 'runtime/relay.ts'

/** Bugs in lambdas/, one small change each. Every one must break an invariant within a bounded run. */
export const mutants: readonly Mutant[] = [
  // The outbox.
  mutant(
    'the outbox mark is cleared as soon as its event is published',
    'runtime/announce.ts',
    'const isTakenUp = order.deadLettered',
    'const isTakenUp = false && order.deadLettered',
  ),
  mutant(
    'anybody clears or revives another event’s mark',
    repository,
    "ConditionExpression: 'outboxEventId = :eventId'",
    "ConditionExpression: 'outboxEventId = :eventId OR attribute_exists(orderId)'",
  ),
  mutant(
    'a transition sets no mark',
    changes,
    '...statusMark(order.orderId, status, now + graceMs),',
    '',
  ),
  mutant(
    'FailedEntryCount is ignored',
    'adapters/event-publisher.ts',
    'return entry?.EventId ? { order }',
    'return entry ? { order }',
  ),
  mutant(
    'the relay clears the mark of an announcement that was refused',
    relay,
    'if (error !== undefined) {',
    "if (error !== undefined && step !== 'announcement') {",
    'corrected and redriven',
  ),
  mutant(
    'the relay sends again only what was claimed before',
    relay,
    'hopeful.filter(({ outboxClaimed }) => !outboxClaimed)',
    'hopeful.filter(() => false)',
  ),
  mutant(
    'the relay sends again only what was never claimed',
    relay,
    'hopeful.filter(({ outboxClaimed }) => outboxClaimed)',
    'hopeful.filter(() => false)',
  ),
  mutant(
    'the relay announces a dead letter without seeing to its message',
    relay,
    'if (order.deadLettered !== undefined) await sendDeadLetter(order)',
    '',
    'never consumed',
  ),
  // Placing an order.
  mutant(
    'an order is written over the one that is there',
    repository,
    "'attribute_not_exists(orderId)'",
    "'attribute_not_exists(orderId) OR attribute_exists(orderId)'",
  ),
  mutant(
    'the order’s id does not come from its key',
    'domain/identity.ts',
    'return `ord_${sha256([ownerId, key.of, key.value])',
    'return `ord_${sha256([ownerId, key.of, key.value, Date.now()])',
  ),
  mutant(
    'another body under the same key is taken for a repeat',
    'runtime/place-order.ts',
    '|| order.fingerprint !== wanted.fingerprint',
    '',
  ),
  // Claim, lock, transition.
  // Lock and claim keep two workers apart, each by itself: it takes both bugs to bring them together.
  both(
    mutant(
      'there is no lock, and a claim does not mind another’s live claim',
      repository,
      '(attribute_not_exists(#claim) OR #claim.#until < :now)',
      '(attribute_not_exists(#claim) OR #claim.#until < :now OR attribute_exists(#claim))',
    ),
    { file: 'runtime/lock.ts', find: 'await locked(key)', replace: 'await work()' },
  ),
  both(
    mutant(
      'there is no lock, and a claim does not mind the order’s status',
      repository,
      "'#status = :from AND attribute_not_exists(deadLettered)'",
      "'(#status = :from OR attribute_exists(#status)) AND attribute_not_exists(deadLettered)'",
    ),
    { file: 'runtime/lock.ts', find: 'await locked(key)', replace: 'await work()' },
  ),
  mutant(
    'a claim does not mind that the order is dead-lettered',
    repository,
    "'#status = :from AND attribute_not_exists(deadLettered)'",
    "'#status = :from'",
    'corrected and redriven',
  ),
  mutant(
    'a claim does not mind the time of the next attempt',
    repository,
    '(attribute_not_exists(nextAttemptAt) OR nextAttemptAt <= :now)',
    '(attribute_not_exists(nextAttemptAt) OR nextAttemptAt <= :now OR attribute_exists(nextAttemptAt))',
    'outage',
  ),
  mutant(
    'a transition does not need its claim',
    repository,
    "expression: '#claim.#id = :own'",
    "expression: '#claim.#id = :own OR attribute_exists(orderId)'",
  ),
  mutant(
    'a claim that ended without an outcome is forgotten',
    repository,
    'if (before.claim === undefined) return order',
    'if (before.version > 0) return order',
  ),
  mutant(
    'work is stored as done before it is',
    'runtime/step-worker.ts',
    "if (verdict.kind !== 'done') throw new NotFinished()",
    '',
    'outage',
  ),
  mutant(
    'a failed attempt is not recorded',
    attempt,
    'const concluded = await repository.conclude(',
    "if (decision.kind === 'retry') return act(claimed, decision)\n      const concluded = await repository.conclude(",
    'outage',
  ),
  mutant(
    'what was written on the order in the meantime is written over',
    repository,
    "expression: 'version = :seen'",
    "expression: 'version = :seen OR attribute_exists(version)'",
  ),
  mutant(
    'a batch that fails altogether takes its worker down',
    'runtime/step-worker.ts',
    'throwOnFullBatchFailure: false',
    'throwOnFullBatchFailure: true',
    'outage',
  ),
  // The vendor.
  mutant('a look-up is believed too soon', asking, 'if (now() < settledAt)', 'if (now() < 0)'),
  mutant(
    'any 404 of a look-up is believed',
    vendorClient,
    "call === 'look-up' && codeIn(body) === 'NOT_FOUND'",
    "call === 'look-up'",
  ),
  mutant(
    'a 5xx is taken for a refusal',
    vendorClient,
    'reason: `HTTP_${status}`, certain: false',
    'reason: `HTTP_${status}`, certain: true',
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
    "pending('waiting', 'NOT_READY_YET', false",
    "pending('waiting', 'NOT_READY_YET', true",
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
    '${earlier?.round ?? order.round}',
    '${order.attempts}',
    'straight',
    'honours keys',
  ),
  mutant(
    'a redrive of an unknown outcome gets a new key',
    asking,
    '${earlier?.round ?? order.round}',
    '${order.round}',
    'outage',
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
    '...(unknownOutcome && { unknownOutcome }),\n      ...{ nextAttemptAt',
    '...{ nextAttemptAt',
  ),
  mutant(
    'an unknown outcome is forgotten when a claim is given back unused',
    changes,
    'set: { ...(unknownOutcome && { unknownOutcome }), outboxDueAt',
    'set: { outboxDueAt',
  ),
  // Failure.
  mutant(
    'attempts are counted by receives',
    attempt,
    'const decision = await guardedCall(claimed, claimId)',
    'const attempts = Number(record.attributes.ApproximateReceiveCount) - 1\n      const decision = await guardedCall({ ...claimed, attempts }, claimId)',
  ),
  mutant(
    'the fourth failed attempt is the last',
    'domain/failure.ts',
    'const delayMs = policy.delaysMs[attempts]',
    'const delayMs = policy.delaysMs[attempts + 1]',
    'outage',
  ),
  mutant(
    'a dead letter that the DLQ did not take is forgotten',
    'runtime/step-worker.ts',
    'await queue.deadLetter(record.body, {',
    'await ({ deadLetter: (...a: Parameters<typeof queue.deadLetter>) => queue.deadLetter(...a).catch(() => {}) }).deadLetter(record.body, {',
    'corrected and redriven',
  ),
  mutant(
    'nobody is told of a dead letter',
    changes,
    '...attentionMark(order.orderId, step, number, now + graceMs),',
    '',
    'corrected and redriven',
  ),
  mutant(
    'a redrive is taken for a delivery',
    attempt,
    'message.number === order.deadLettered',
    'message.number === order.deadLettered && message.number === -1',
    'corrected and redriven',
  ),
  mutant(
    'a delivery is taken for a redrive',
    attempt,
    'isRedrive && message.number === order.deadLettered',
    'isRedrive',
    'corrected and redriven',
  ),
  mutant(
    'a redrive does not pay what the order owes',
    attempt,
    'if (order.outboxEventId !== undefined && !(await announce(parts, order)))',
    'if (order.version < 0)',
    'corrected and redriven',
  ),
  mutant(
    'a redrive goes on counting',
    changes,
    '...{ claim, attempts: 0, round',
    '...{ claim, round',
    'outage',
  ),
  mutant(
    'clocks of instances are believed',
    changes,
    'iso(Math.max(now, Date.parse(order.updatedAt)))',
    'iso(now)',
  ),
  // The circuit breaker.
  mutant(
    'the circuit never half-opens',
    breaker,
    "known.state === 'closed' || now < known.until",
    "known.state === 'closed' || now < Number.POSITIVE_INFINITY",
    'outage',
  ),
  mutant(
    'the turn of a probe that died never ends',
    breaker,
    '(attribute_not_exists(probeId) OR probeUntil < :now)',
    '(attribute_not_exists(probeId) OR probeUntil < #until)',
    'outage',
  ),
  mutant(
    'an open circuit lets everybody through',
    breaker,
    'if (item.state === \'closed\') return { admitted: true }',
    'if (item.heldSince === undefined) return { admitted: true }',
    'outage',
  ),
  // A person's word.
  mutant(
    'an order is cancelled while the carrier is being asked',
    'runtime/amend-order.ts',
    'if (order.claim !== undefined)',
    'if (order.version < 0)',
  ),
  mutant(
    'an order is cancelled while nobody knows whether the carrier has it',
    'runtime/amend-order.ts',
    'if (order.unknownOutcome !== undefined)',
    'if (order.version < 0)',
  ),
  mutant(
    'a cancellation does not pay what the order owes',
    'runtime/cancel.ts',
    'if (current.deadLettered !== undefined && current.outboxEventId !== undefined)',
    'if (current.version < 0)',
    'corrected and redriven',
  ),
]
