import { both, type Mutant, mutant } from './mutant.ts'

const repository = 'adapters/order-repository.ts'
const claim = 'adapters/claim.ts'
const attempt = 'application/step-attempt.ts'
const announcements = 'application/relay/announcements.ts'
const sending = 'application/relay/sending.ts'

const anyLane = {
  file: 'runtime/event-message.ts',
  find: 'if (data.lane !== ownLane)',
  replace: 'if (data.lane === undefined)',
}

/** Bugs in an order's outbox mark, its key and its claim. */
export const orderMutants: readonly Mutant[] = [
  // The outbox.
  mutant(
    'the outbox mark is cleared as soon as its event is published',
    'application/announce.ts',
    'const isTakenUp = order.deadLettered',
    'const isTakenUp = false && order.deadLettered',
  ),
  both(
    mutant(
      'the mark of another event is cleared or revived',
      repository,
      "ConditionExpression: 'outboxEventId = :eventId'",
      "ConditionExpression: 'outboxEventId = :eventId OR attribute_exists(orderId)'",
      'no bus',
      'look-up only',
      'arrives late',
    ),
    {
      file: 'adapters/outbox-repository.ts',
      find: "ConditionExpression: 'outboxDueAt = :seen'",
      replace: "ConditionExpression: 'outboxDueAt = :seen OR attribute_exists(orderId)'",
    },
  ),
  mutant('a transition sets no mark', 'domain/change.ts', '...statusMark(reaching, now + graceMs),', ''),
  mutant(
    'FailedEntryCount is ignored',
    'adapters/event-publisher.ts',
    'return entry?.EventId ? { order }',
    'return entry ? { order }',
    'straight',
    'look-up only',
    'refused in part',
  ),
  mutant(
    'the relay clears the mark of an announcement that was refused',
    announcements,
    'if (error !== undefined) return { owed: order, error }',
    '',
    'no bus',
  ),
  mutant(
    'the relay sends again only what was claimed before',
    sending,
    '...batchesOf(forBus, maxEntries),',
    '...batchesOf(forBus.slice(0, 0), maxEntries),',
  ),
  mutant(
    'the relay sends again only what was never claimed',
    sending,
    '...batchesOf(forQueue, maxBatch)]',
    '...batchesOf(forQueue.slice(0, 0), maxBatch)]',
    'outage',
  ),
  mutant(
    'the relay does not mind the lease of another run',
    'application/relay.ts',
    'if (!(await guarded(true, () => lease.take(owner, now(), until)))) {',
    'if (!(await guarded(true, () => lease.take(owner, now(), until))) && groups < 0) {',
    'outage',
    'look-up only',
    'relay run',
  ),
  // Placing an order.
  mutant(
    'an order is written over the one that is there',
    repository,
    '`attribute_not_exists(orderId)$',
    '`attribute_not_exists(orderId) OR attribute_exists(orderId)$',
    'straight',
    'look-up only',
    'sent twice',
  ),
  mutant(
    "the order's id does not come from its key",
    'domain/identity.ts',
    'JSON.stringify([ownerId, key.of, key.value])',
    'JSON.stringify([ownerId, key.of, key.value, Date.now()])',
    'straight',
    'look-up only',
    'unanswered at create-order: put',
  ),
  mutant(
    'another body under the same key is taken for a repeat',
    'application/place-order.ts',
    '|| order.fingerprint !== wanted.fingerprint',
    '',
  ),
  // Claim, lock, transition.
  // The lock and the claim each keep two workers apart, so both bugs are needed.
  both(
    mutant(
      "there is no lock, and a claim does not mind another's live claim",
      claim,
      'const isFree = order.claim === undefined || order.claim.until < now',
      'const isFree = order.claim === undefined || order.version > 0',
    ),
    { file: 'runtime/lock.ts', find: 'await locked(key)', replace: 'await work()' },
  ),
  both(
    mutant(
      "there is no lock, and a claim does not mind the order's status",
      claim,
      'const isItsTurn = isOwedTo(lane, eventId, order)',
      'const isItsTurn = order.version > 0',
    ),
    { file: 'runtime/lock.ts', find: 'await locked(key)', replace: 'await work()' },
  ),
  // A worker refuses another lane's order; if it does not, both kinds of claim do.
  both(
    both(
      mutant(
        'a worker takes messages of other lanes, and a claim does not mind the lane',
        claim,
        '#status = :from AND vendors',
        '#status = :from AND (attribute_exists(orderId) OR vendors',
        'second carrier',
        'look-up only',
        'astray',
      ),
      { file: claim, find: '} = :lane`', replace: '} = :lane)`' },
    ),
    anyLane,
  ),
  both(
    mutant(
      'a worker takes messages of other lanes, and an order is owed to each of them',
      'domain/events.ts',
      'laneOf(order) === lane && statusEvent(order).eventId === eventId',
      'lane.length > 0 && statusEvent(order).eventId === eventId',
      'second carrier',
      'look-up only',
      'astray',
    ),
    anyLane,
  ),
  mutant(
    'the last route that takes an order gets it',
    'domain/routing.ts',
    'list.find(',
    'list.findLast(',
    'second carrier',
  ),
  mutant(
    'a route takes every order',
    'domain/routing.ts',
    'list.find(({ when = {} }) => meets(order, when))',
    'list.find(() => true)',
    'straight',
  ),
  mutant(
    'a claim does not mind that the order is dead-lettered',
    claim,
    'order.deadLettered !== undefined || !isFree || !isDue) return first',
    '!isFree || !isDue) return first',
    'corrected and redriven',
  ),
  mutant(
    'a claim does not mind the time of the next attempt',
    claim,
    '|| !isFree || !isDue) return first',
    '|| !isFree) return first',
    'outage',
  ),
  mutant(
    'a transition does not need its claim',
    repository,
    "'#claim.#id = :own AND #status = :claimed'",
    "'(#claim.#id = :own AND #status = :claimed) OR attribute_exists(orderId)'",
    'straight',
    'look-up only',
    'stall',
  ),
  mutant(
    'a claim that ended without an outcome is forgotten',
    claim,
    'unknownOutcome: openQuestion(order)',
    'unknownOutcome: order.unknownOutcome',
    'straight',
    'look-up only',
    'die after',
  ),
  mutant(
    'work is stored as done before it is',
    'runtime/step-worker.ts',
    'if (!finished.has(kind)) throw new NotFinished()',
    '',
    'outage',
  ),
  mutant(
    'a failed attempt is not recorded',
    attempt,
    'const written = await repository.conclude(claimed, done(claimed, step, decision, times()))',
    "if (decision.kind === 'retry') return { decision, order: claimed }\n      const written = await repository.conclude(claimed, done(claimed, step, decision, times()))",
    'straight',
    'neither',
    'connection refused at logistics-worker: create at',
  ),
  mutant(
    'what was written on the order in the meantime is written over',
    repository,
    "'version = :seen'",
    "'version = :seen OR attribute_exists(version)'",
    'straight',
    'look-up only',
    'cancellation',
  ),
  mutant(
    'a message that could not be handled is deleted',
    'runtime/event-message.ts',
    "=== 'rejected'",
    "=== 'never'",
    'outage',
  ),
  // The response to our own write is lost, and the SDK repeats it.
  mutant(
    "the repeat of our own write is taken for another's",
    repository,
    '(found) => found.lastWriteId === lastWriteId',
    '() => false',
    'straight',
    'look-up only',
    'answer lost',
  ),
  both(
    mutant(
      'a sending is counted again when the SDK repeats the write',
      'adapters/outbox-repository.ts',
      "dueAt, 'outboxSends = :sends REMOVE outboxTrouble', {\n      ':sends': (order.outboxSends ?? 0) + 1,",
      "dueAt, 'outboxTrouble = :none ADD outboxSends :sends', {\n      ':none': { eventId: '', waitedMs: 0 },\n      ':sends': 1,",
      'never consumed',
      'look-up only',
      'answer lost',
    ),
    {
      file: 'adapters/outbox-repository.ts',
      find: "ConditionExpression: 'outboxDueAt = :seen'",
      replace: "ConditionExpression: 'outboxDueAt = :seen OR outboxDueAt = :dueAt'",
    },
  ),
]
