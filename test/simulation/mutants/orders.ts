import { both, type Mutant, mutant } from './mutant.ts'

const repository = 'adapters/order-repository.ts'
const changes = 'domain/order-changes.ts'
const attempt = 'application/step-attempt.ts'
const relay = 'application/relay.ts'

/** Bugs in what an order is and says: its outbox mark, its key, its claim. */
export const orderMutants: readonly Mutant[] = [
  // The outbox.
  mutant(
    'the outbox mark is cleared as soon as its event is published',
    'application/announce.ts',
    'const isTakenUp = order.deadLettered',
    'const isTakenUp = false && order.deadLettered',
  ),
  mutant(
    'the mark of another event is cleared or revived',
    repository,
    "ConditionExpression: 'outboxEventId = :eventId'",
    "ConditionExpression: 'outboxEventId = :eventId OR attribute_exists(orderId)'",
  ),
  mutant('a transition sets no mark', changes, '...statusMark(order.orderId, status, now + graceMs),', ''),
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
    'no bus',
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
    'application/place-order.ts',
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
]
