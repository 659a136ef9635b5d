import { both, type Mutant, mutant } from './mutant.ts'

const domain = 'domain/cancellation.ts'
const settlement = 'domain/settlement.ts'
const calling = 'application/vendor-call.ts'
const repository = 'adapters/order-repository.ts'
const ready = 'cancelled when ready'

/** Bugs in the cancellation of an order. */
export const cancellationMutants: readonly Mutant[] = [
  mutant(
    'an order in doubt is cancelled at once',
    domain,
    '(openQuestion(order) && consumerOf(order.status, order.vendors)) ?? lastMade',
    'lastMade',
  ),
  mutant('what was made is not undone', domain, '?? lastMade(order.made)', '', ready),
  mutant(
    'only the last step undoes its work',
    domain,
    'const undo = lastMade(made)',
    'const undo = lastMade(made) && undefined',
    ready,
  ),
  mutant(
    'a step that ends while its order is cancelled brings it on',
    repository,
    "'#claim.#id = :own AND #status = :claimed'",
    "'#claim.#id = :own AND attribute_exists(#status) AND NOT (#status = :claimed AND attribute_not_exists(orderId))'",
  ),
  mutant(
    'what a step made while its order was cancelled is forgotten',
    domain,
    'set: { ...set, ...workDone(order, step, decision, at), unknownOutcome: undefined }',
    'set: { ...set, unknownOutcome: undefined }',
  ),
  mutant(
    'what is uncertain when an order is cancelled is forgotten',
    domain,
    '...noTrouble, ...reached(order, at, to, times)',
    '...noTrouble, unknownOutcome: undefined, ...reached(order, at, to, times)',
  ),

  both(
    mutant(
      'there is no lock, and a step undoes its work by an event that is past',
      'domain/events.ts',
      'laneOf(order) === lane && statusEvent(order).eventId === eventId',
      'laneOf(order) === lane && eventId.length > 0',
      ready,
      'look-up only',
      'die after at cancel-order: change',
    ),
    { file: 'runtime/lock.ts', find: 'await locked(key)', replace: 'await work()' },
  ),

  // Settlements by an operator.
  mutant(
    'an order is settled while its vendor is being asked',
    settlement,
    'claim !== undefined && Date.parse(claim.until) >= now',
    'claim !== undefined && Date.parse(claim.until) < 0',
    'straight',
    'look-up only',
    'settlement at logistics-worker: create at',
  ),
  mutant(
    'what is settled as made is known by a reference that it was not made by',
    settlement,
    '?? openQuestion(order) ?? order',
    '?? { round: order.round + 1 }',
    'settled by hand',
    'neither',
    'cancellation at',
  ),
  mutant(
    'a settlement does not publish the event that the order owes',
    'application/amend-order.ts',
    'order.outboxClaimed || isDropped(order)',
    'order.version > 0',
    'settled by hand',
    'neither',
    'settlement at logistics-worker: send to logistics-dlq',
  ),
  mutant(
    'what nobody has made stays in doubt when that is settled',
    settlement,
    'claim: undefined, unknownOutcome: undefined, updatedAt: notBefore',
    'claim: undefined, updatedAt: notBefore',
    'failing vendor',
    'neither',
  ),
  mutant(
    'a vendor that is too late has undone its work',
    calling,
    "{ kind: 'too-late' } : decision",
    "{ kind: 'undone', byVendor: true } : decision",
    'cancelled too late',
  ),
  mutant(
    'an order that cannot be cancelled any more repeats a step that has ended since',
    domain,
    'isBefore(from, furthest) ? furthest : from',
    'isBefore(from, furthest) ? from : from',
    'cancelled too late',
  ),
  mutant(
    'what a vendor that cannot undo has made is forgotten',
    calling,
    "personal('NO_WAY_TO_CANCEL')",
    "{ kind: 'undone', byVendor: false }",
    ready,
    'no way to cancel',
  ),
  mutant(
    'the event of a status is replaced by that of its cancellation',
    'application/cancel-order.ts',
    'status === placed.status && deadLettered === undefined',
    'status !== undefined && deadLettered === undefined',
  ),
]
