import type { ReasonCode, ReasonPrefix } from '../../lambdas/domain/reasons.ts'
import { movedBySqs } from '../dead-letters/dead-letter.ts'

/** The kind of a reason. It decides what an operator should do. */
export type ReasonKind =
  | 'vendor-fails'
  | 'vendor-refuses'
  | 'vendor-busy'
  | 'our-access'
  | 'paused'
  | 'unknown-outcome'
  | 'no-way-back'
  | 'our-fault'

/** The text is a clause in which `%` stands for the vendor's name. */
type Explanation = readonly [kind: ReasonKind, text: string]

/** All our reason codes, and the one for messages that SQS moved to a DLQ. */
const explanations: Record<ReasonCode | typeof movedBySqs, Explanation> = {
  TIME_OUT: ['vendor-fails', '% did not answer in time'],
  CONNECTION_LOST: ['vendor-fails', 'the connection to % was lost'],
  CONNECTION_FAILED: ['vendor-fails', '% could not be reached'],
  UNREADABLE_ANSWER: ['vendor-fails', '% sent an answer outside its contract'],
  FOREIGN_REFERENCE: ['vendor-fails', "% answered with another order's number"],
  CANCELLED_BY_VENDOR: ['unknown-outcome', '% says that it is cancelled; its number is in the dead letter'],
  MADE: ['vendor-busy', '% has done its work'],
  NOT_THERE: ['vendor-busy', '% does not have the order'],
  UNDONE: ['vendor-busy', '% has undone its work'],
  TOO_LATE: ['no-way-back', '% says that it is too late to undo its work'],
  NO_WAY_TO_CANCEL: ['no-way-back', '% has no way to undo its work'],
  CONFLICT: ['vendor-fails', '% reports a conflict but does not return the order'],
  RATE_LIMITED: ['vendor-busy', '% limits our rate'],
  VENDOR_UNAVAILABLE: ['vendor-busy', '% asked us to retry later'],
  NOT_READY_YET: ['vendor-busy', '% has accepted the order and is not done yet'],
  CREDENTIAL_REFUSED: ['our-access', '% refuses our credential'],
  BALANCE_EMPTY: ['our-access', 'our account at % has no balance left'],
  PAUSED_BY_OPERATOR: ['paused', 'an operator has paused calls to %'],
  OUTCOME_UNKNOWN: ['unknown-outcome', 'it is not known yet whether % has accepted the order'],
  NO_WAY_TO_FIND_OUT: ['unknown-outcome', 'the API of % offers no way to find out'],
  NOTHING_MADE: ['unknown-outcome', '% has made nothing'],
  NOT_WRITABLE: ['our-fault', 'the answer of % cannot be written; its number is in the dead letter'],
  NEVER_CONSUMED: ['our-fault', 'its event was sent for too long and no worker consumed it'],
  CANNOT_BE_SENT: ['our-fault', 'for too long the relay could not read, send or write it'],
  RECEIVED_TOO_OFTEN: ['our-fault', 'the worker received its message too often and did not finish it'],
  [movedBySqs]: ['our-fault', 'SQS itself moved the message, since no worker handled it'],
  NOT_JSON: ['our-fault', 'the message is not JSON'],
  NOT_AN_EVENT: ['our-fault', 'the message is not an order event'],
  WRONG_DETAIL_TYPE: ['our-fault', 'the event is not one that this listener handles'],
  WRONG_LANE: ['our-fault', 'the event is meant for another lane'],
  ORDER_NOT_FOUND: ['our-fault', 'there is no such order'],
  ORDER_NOT_THERE_YET: ['our-fault', 'an earlier step has not finished yet'],
  TOO_EARLY: ['our-fault', 'another attempt is in progress, or the next one is not due yet'],
  LOCKED: ['our-fault', 'another delivery of the message is being processed'],
  NO_TIME_LEFT: ['our-fault', 'the function had no time left to call %'],
  ORDER_CHANGED: ['our-fault', 'the order changed meanwhile'],
  CLAIM_LOST: ['our-fault', 'the attempt took too long and another one replaced it'],
  ATTENTION_NOT_PUBLISHED: ['our-fault', 'its ORDER_NEEDS_ATTENTION must come first, and was not published'],
}

/** Codes that are followed by a colon and another reason. */
const prefixes: Record<ReasonPrefix, (inner: string) => Explanation> = {
  CIRCUIT_OPEN: (inner) => before('calls to % are stopped for now', find(inner)),
  WAITED_TOO_LONG: (inner) => before('it has waited for as long as is allowed', find(inner)),
  OUTCOME_UNKNOWN: (inner) =>
    before('it is not known whether % has accepted the order', ['unknown-outcome', find(inner)[1]]),
  OUR_ERROR: (inner) => ['our-fault', `the worker failed with ${inner}`],
}

const before = (clause: string, [kind, text]: Explanation): Explanation => [kind, `${clause}: ${text}`]

const has = <Key extends string>(record: Record<Key, unknown>, key: string): key is Key =>
  Object.hasOwn(record, key)

/** Statuses with which a vendor refuses an order's content: RFC 9110 §15.5. */
const refusals = ['400', '413', '422']

function find(reason: string): Explanation {
  if (has(explanations, reason)) return explanations[reason]
  const [, prefix = '', rest = ''] = /^([A-Z_]+):(.+)$/.exec(reason) ?? []
  if (has(prefixes, prefix)) return prefixes[prefix](rest)
  const [, status] = /^HTTP_(\d+)$/.exec(reason) ?? []
  if (status === undefined) return ['vendor-refuses', '% answered with this code of its own']
  if (refusals.includes(status)) return ['vendor-refuses', '% refuses this order']
  return Number(status) >= 500 || ['408', '425'].includes(status)
    ? ['vendor-fails', `% answered HTTP ${status}`]
    : ['our-access', `% answers HTTP ${status}: our URL or its firewall may be wrong`]
}

/** Explains a reason code. An unknown code is the vendor's own, of a refusal or of a failure. */
export function explain(reason: string, vendor: string) {
  const [kind, text] = find(reason)
  return { kind, text: text.replaceAll('%', vendor) }
}
