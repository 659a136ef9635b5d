import { both, type Mutant, mutant } from './mutant.ts'

const changes = 'domain/step-changes.ts'
const attempt = 'application/step-attempt.ts'
const breaker = 'adapters/circuit-breaker.ts'

/** Bugs in the handling of failures: attempts, dead letters, circuits, cancellations. */
export const failureMutants: readonly Mutant[] = [
  // Failure.
  mutant(
    'attempts are counted by receives',
    attempt,
    'decision = await callVendor(claimed, admission.probe, turn)',
    'decision = await callVendor({ ...claimed, attempts: message.receives - 1 }, admission.probe, turn)',
  ),
  mutant(
    'the fourth failed attempt is the last',
    'domain/decision.ts',
    'const delayMs = policy.delaysMs[attempts]',
    'const delayMs = policy.delaysMs[attempts + 1]',
    'failing vendor',
  ),
  mutant(
    'a dead letter that the DLQ did not take is forgotten',
    'runtime/step-worker.ts',
    'await queue.deadLetter(record.body, {',
    'await ({ deadLetter: (...a: Parameters<typeof queue.deadLetter>) => queue.deadLetter(...a).catch(() => {}) }).deadLetter(record.body, {',
    'corrected and redriven',
    'look-up only',
    'unanswered at logistics-worker: send to logistics-dlq',
  ),
  mutant(
    'a dead letter is not announced',
    changes,
    '...attentionMark(order, step, number, now + graceMs),',
    '',
    'corrected and redriven',
  ),
  mutant(
    'a dead letter is not in the index',
    changes,
    'deadLetterPartition: partitionOf(order, order.vendors[step] ?? announcement),',
    '',
    'corrected and redriven',
  ),
  mutant(
    'a redrive leaves its order in the index of dead letters',
    changes,
    '...noDeadLetter,\n      attention: undefined,',
    'deadLettered: undefined,\n      attention: undefined,',
    'corrected and redriven',
  ),
  mutant(
    'a cancellation leaves its order in the index of dead letters',
    'domain/change.ts',
    'waitingSince: undefined,\n  ...noDeadLetter,',
    'waitingSince: undefined,\n  deadLettered: undefined,',
    'refused and cancelled',
  ),
  mutant(
    'a redrive is taken for a delivery',
    attempt,
    'message.deadLetterNumber === order.deadLettered',
    'message.deadLetterNumber === order.deadLettered && message.deadLetterNumber === -1',
    'corrected and redriven',
  ),
  mutant(
    'a delivery is taken for a redrive',
    attempt,
    'isRedrive && message.deadLetterNumber === order.deadLettered',
    'isRedrive',
    'corrected and redriven',
  ),
  mutant(
    'a redrive does not publish the event that the order owes',
    attempt,
    'if (order.outboxEventId !== undefined && !(await announce(deps, order)))',
    'if (order.version < 0)',
    'corrected and redriven',
  ),
  mutant(
    'a redrive goes on counting',
    changes,
    'claim: claimFor(order, claim),\n      attempts: 0,\n      round',
    'claim: claimFor(order, claim),\n      round',
    'failing vendor',
  ),
  mutant(
    'clocks of instances are believed',
    'domain/change.ts',
    'iso(Math.max(now, Date.parse(order.updatedAt)))',
    'iso(now)',
  ),
  mutant(
    'an outcome that no write can store is tried again and again',
    attempt,
    "if (!isHopeless(error) || decision.kind === 'dead-letter') throw error",
    "if (isHopeless(error) || decision.kind === 'dead-letter') throw error",
    'unwritable answer',
  ),
  mutant(
    'a failed attempt begins the waiting anew',
    'domain/step-changes.ts',
    'attempts,\n      nextAttemptAt,',
    'attempts,\n      waitingSince: undefined,\n      nextAttemptAt,',
    'trouble without end',
    'look-up only',
    'throttled at logistics-worker: update circuit of logistics',
  ),
  // Our own outages.
  mutant(
    'the relay forgets an ended claim when it gives up',
    'application/relay/step-lane.ts',
    'question: openQuestion(order)',
    'question: order.unknownOutcome',
    'no messages, then cancelled',
    'look-up only',
    'die after',
  ),
  mutant(
    'the relay gives an order up after ten sendings, however short our outage is',
    'application/relay/step-lane.ts',
    'waitedFor(outboxSends, backoffMs) >= waitingLimitMs',
    'outboxSends >= 10',
    'no messages for hours',
  ),
  // A worker leaves a message to the outbox before its last receive, and again on the last one.
  both(
    mutant(
      'a lock that cannot be taken uses up the receives of a message',
      'runtime/step-worker.ts',
      'if (message.receives >= policy.maxReceiveCount - 1 && (await isOwed(message, order))) {',
      'if (message.receives < 0 && (await isOwed(message, order))) {',
      'no lock',
    ),
    {
      file: attempt,
      find: 'if (!hasDied && order.outboxEventId !== undefined)',
      replace: 'if (order.version < 0)',
    },
  ),
  // The circuit breaker.
  mutant(
    'the circuit never half-opens',
    breaker,
    "passable(before, now) !== 'probe'",
    "passable(before, now) !== 'all'",
    'outage',
  ),
  mutant(
    'the turn of a probe that died never ends',
    'adapters/circuit.ts',
    '(item.probeUntil ?? 0) >= now',
    '(item.probeUntil ?? 0) > 0',
    'outage',
  ),
  mutant(
    'an open circuit lets everybody through',
    breaker,
    "if (circuit.state === 'closed') return { admitted: true }",
    'if (circuit.heldSince === undefined) return { admitted: true }',
    'outage',
  ),
  // Corrections and cancellations.
  both(
    mutant(
      'an order is corrected while the carrier is being asked',
      'domain/rerouting.ts',
      'if (order.claim !== undefined)',
      'if (order.version < 0)',
      'straight',
      'look-up only',
      'correction at logistics-worker: create at',
    ),
    {
      file: 'domain/rerouting.ts',
      find: 'return openQuestion(order) === undefined',
      replace: 'return order.unknownOutcome === undefined',
    },
  ),
  mutant(
    'an order is corrected while its outcome at the carrier is unknown',
    'domain/rerouting.ts',
    'return openQuestion(order) === undefined',
    'return order.version > 0',
    'late answers',
    'honours keys',
    'correction at logistics-worker: delete lock',
  ),
  mutant(
    'what the label rests on is corrected once there is a label',
    'domain/correction.ts',
    'status === placed.status ? correctable',
    "status !== 'CANCELLED' ? correctable",
    'straight',
    'look-up only',
    'correction at wms-worker',
  ),
  mutant(
    'a cancellation does not publish the event that the order owes',
    'application/cancel-order.ts',
    'status === placed.status && deadLettered === undefined',
    'status !== deadLettered',
    'refused and cancelled',
  ),
]
