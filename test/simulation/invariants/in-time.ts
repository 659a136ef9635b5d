import { consumerOf } from '../../../lambdas/domain/chain.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { type Fault, type Injection, repeatedBySdk } from '../kernel/fault-points.ts'
import { stepOf, vendorNames } from '../kernel/options.ts'
import { times } from '../times.ts'
import { madeFor } from './ledgers.ts'
import { type Findings, isOver, isStatus, publishedEvents, type Rest, vendorsOf } from './rest.ts'
import type { Life } from './watch.ts'

const fullTimeline = 180

/** Whether this world allows an order to be dead-lettered with any reason code. */
const isPersons = (rest: Rest, life: Life): boolean =>
  rest.scenario.unwritable !== undefined ||
  vendorNames.some((vendor) =>
    madeFor(rest, vendor, life).some(({ cancelledAt }) => cancelledAt !== undefined),
  )

/** Whether a new round of attempts begins after the last entry of a timeline. */
function beginsRound(type: string, history: Order['timeline']): boolean {
  // While an order moves forward, settling it as "nothing was made" begins no new round.
  const isForward =
    history.findLast((each) => isStatus(each.type) || each.type === 'CANCELLATION_REFUSED')?.type !==
    'CANCELLING'
  if (type === 'SETTLED') return !(isForward && history.at(-1)?.reason === 'NOTHING_MADE')
  return isStatus(type) || ['REDRIVEN', 'REROUTED', 'UNDONE', 'CANCELLATION_REFUSED'].includes(type)
}

/** Every dead-lettering was justified: by five failed attempts, the waiting limit or a refusal. */
export function* noEarlyDeadLetter(rest: Rest): Findings {
  const { scenario, watch } = rest
  for (const life of watch.lives)
    for (const [index, { type, reason = '', attempt, at }] of life.order.timeline.entries()) {
      const { orderId, timeline } = life.order
      // A timeline that is nearly full omits entries.
      if (index > fullTimeline) break
      if (type !== 'DEAD_LETTERED') continue
      const round = timeline.slice(0, index)
      const begins = round.findLastIndex(({ type: each }, at) => beginsRound(each, round.slice(0, at + 1)))
      const before = round.slice(begins + 1)
      const failures = before.filter((entry) => entry.type === 'ATTEMPT_FAILED').length
      const refused =
        /^(ADDRESS_NOT_SERVED|NO_RATES|INVALID_ORDER|NO_WAY_TO_CANCEL|TOO_LATE|OUTCOME_UNKNOWN:|NEVER_CONSUMED|CANNOT_BE_SENT|RECEIVED_TOO_OFTEN|WAITED_TOO_LONG)/
      const isTransient = !refused.test(reason) && !isPersons(rest, life)
      const due = times.retryDelaysMs.length
      if (isTransient && (failures !== due || attempt !== due + 1))
        yield `${orderId}: dead-lettered for ${reason} after ${failures + 1} failed attempts, the ${attempt}th by its own count`
      const limitMs = scenario.waitingLimitMs - 2 * scenario.skewMs
      const since = reason.startsWith('WAITED_TOO_LONG')
        ? before.find((entry) => entry.type === 'WAITING')
        : reason === 'NEVER_CONSUMED' && timeline[Math.max(begins, 0)]
      const waitedMs = Date.parse(at) - Date.parse(since ? since.at : '')
      if (waitedMs < limitMs) yield `${orderId}: dead-lettered for ${reason} after ${waitedMs} ms`
    }
}

/** Whether only a person can act on the vendor's answer to a cancellation. */
const isForPerson = ({ vendors }: Rest['scenario'], reason: string): boolean =>
  reason === 'NO_WAY_TO_CANCEL' &&
  Object.values(vendors).some(({ canBeCancelled }) => canBeCancelled === false)

/** Checks a calm scenario's expectations: when orders are done, and for which reasons they may be dead-lettered. */
export function* doneInTime(rest: Rest): Findings {
  const { scenario, world, watch } = rest
  const { expects } = scenario
  if (!expects) return
  const startedAt = world.timeline.now - world.elapsedMs
  const isOurOutage =
    scenario.ourOutages.length > 0 || scenario.outages.some(({ kind }) => kind === 'has no credential')
  for (const life of watch.lives) {
    const { orderId, timeline, status, deadLettered, unknownOutcome } = life.order
    // A vendor that is still working answers 409, a failed attempt, so one slow call can use up a round.
    const isStillWorking = timeline.some(({ reason }) => reason === 'CONFLICT')
    for (const { type, step, reason = '' } of timeline) {
      // During a long outage of our own, a single crash can exhaust a message's receives.
      const isKiller = reason === 'RECEIVED_TOO_OFTEN' && isOurOutage && world.injected.length > 0
      // After an unknown outcome a refusal proves nothing; without a look-up an operator has to decide.
      const isRefusedInDoubt =
        reason === 'OUTCOME_UNKNOWN:INVALID_ORDER' && step && !scenario.vendors[step].canBeLookedUp
      const isRefused = reason === 'INVALID_ORDER' || isRefusedInDoubt || isForPerson(scenario, reason)
      const isAllowed =
        isRefused || expects.mayDeadLetter.test(reason) || isStillWorking || isKiller || isPersons(rest, life)
      if (type === 'DEAD_LETTERED' && !isAllowed) yield `${orderId}: dead-lettered for ${reason}`
    }
    const isRedriven = scenario.operator.maxRedrives > 1 && scenario.operator.redriveAfterMs !== undefined
    const vendor = vendorsOf(life.order).find(
      (name) => stepOf(name) === consumerOf(status, life.order.vendors),
    )
    const mayBeMade = vendor !== undefined && world.vendor(vendor).mayHaveMade(orderId, life.bornAt)
    const isAnswered = unknownOutcome === undefined || !mayBeMade
    if (isRedriven && deadLettered !== undefined && isAnswered && !isPersons(rest, life))
      yield `${orderId}: stays dead-lettered after every redrive`
    const doneAt =
      deadLettered === undefined
        ? life.statusAt
        : watch.deadLetterings.findLast((letter) => letter.orderId === orderId)?.at
    const doneAfterMs = (doneAt ?? 0) - startedAt
    // The waiting limit applies separately to the order's processing and to its cancellation.
    const isCalledOff = timeline.some(({ type }) => type === 'CANCELLING')
    const limitMs = expects.doneByMs + (isCalledOff ? scenario.waitingLimitMs : 0)
    if (doneAfterMs > limitMs || !(isOver(life.order) || deadLettered !== undefined))
      yield `${orderId}: ${status} after ${Math.round(doneAfterMs / 1000)} s`
  }
}

/** The longest that calls repeated by the SDK may delay an order's next status, or a status's event. */
const promptMs = 15_000

/** If the only faults are calls that the SDK repeats, no order and no event is delayed for long. */
export function* prompt({ scenario, world, watch }: Rest): Findings {
  const { isWild, operator, outages, ourOutages, unwritable } = scenario
  const isCalm = !isWild && operator.maxRedrives + outages.length + ourOutages.length === 0 && !unwritable
  const isSlow = Object.values(scenario.vendors).some(({ asyncMs }) => asyncMs !== undefined)
  if (!isCalm || isSlow || !world.injected.every(({ fault }) => repeatedBySdk.includes(fault))) return
  const heard = new Set<string>()
  for (const { eventId, occurredAt, at } of publishedEvents(world)) {
    const delayMs = at - Date.parse(occurredAt)
    if (!heard.has(eventId + occurredAt) && delayMs > promptMs)
      yield `the event ${eventId} is published ${delayMs} ms late`
    heard.add(eventId + occurredAt)
  }
  for (const { order } of watch.lives)
    for (const [index, { at, type }] of order.timeline.entries()) {
      const before = order.timeline[index - 1]
      // The time of a cancellation is the shop's choice.
      if (before === undefined || type === 'CANCELLING' || type === 'CANCELLED') continue
      const delayMs = Date.parse(at) - Date.parse(before.at)
      if (delayMs > promptMs) yield `${order.orderId}: ${type} ${delayMs} ms after ${before.type}`
    }
}

/** Faults after which the worker can still tell that its request never reached the vendor. */
const knownFaults: readonly Fault[] = [
  ...repeatedBySdk,
  ...(['refused in part', 'connection refused', 'TLS failure', 'too many calls', 'lost', 'twice'] as const),
  ...([
    'late',
    'handed out twice',
    'deletion lost',
    'request lost',
    'response lost',
    'sent twice',
    'astray',
  ] as const),
  ...(['cancellation', 'correction', 'settlement', 'rerouting', 'relay run', 'redelivery'] as const),
]

/** A claim that takes effect after its worker has ended: nobody can tell whether its holder sent a request. */
const isClaimOfNobody = ({ fault, address }: Injection): boolean =>
  fault === 'arrives late' && address.includes(': claim ')

/** An order that never reached its vendor is dead-lettered only after the waiting limit, or if a person must decide. */
export function* sentFirst({ scenario, world, watch }: Rest): Findings {
  const isKnown =
    !scenario.isWild &&
    scenario.ourOutages.every(({ what }) => what !== 'orders' && what !== 'workers') &&
    world.injected.every((injected) => knownFaults.includes(injected.fault) && !isClaimOfNobody(injected))
  for (const { orderId, step, reason, wasSent } of watch.deadLetterings) {
    const isLimit = /^(WAITED_TOO_LONG|NEVER_CONSUMED|CANNOT_BE_SENT)/.test(reason)
    const isKiller = reason === 'RECEIVED_TOO_OFTEN' && world.injected.length > 0
    const isUnknowable = reason.startsWith('OUTCOME_UNKNOWN') && !isKnown
    if (!wasSent && !isLimit && !isKiller && !isUnknowable)
      yield `${orderId}: dead-lettered for ${reason}, and nothing was ever sent to ${step}`
  }
}

/**
 * A dead letter has no more copies than the faults explain. While no worker takes messages there can be many, because
 * messages that are still queued when their order is dead-lettered go to the DLQ, too.
 */
export function* noCopies({ scenario, world }: Rest): Findings {
  if (scenario.ourOutages.some(({ what }) => what === 'mappings')) return
  if (!scenario.expects || scenario.operator.maxRedrives > 0 || scenario.repeatsAfterMs !== undefined) return
  const copies = new Map<string, number>()
  for (const vendor of vendorNames)
    for (const { body, attributes } of world.sqs.messages(`${vendor}-dlq`)) {
      const letter = `${/ord_\w{32}/.exec(body)?.[0]} of ${vendor}, number ${attributes.deadLetterNumber?.StringValue}`
      copies.set(letter, (copies.get(letter) ?? 0) + 1)
    }
  for (const [letter, count] of copies)
    if (count > 2 + 2 * world.injected.length) yield `${count} copies of the dead letter ${letter}`
}
