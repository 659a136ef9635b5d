import type { ReasonCode, ReasonPrefix } from '../../lambdas/domain/reasons.ts'
import { movedBySqs } from '../dead-letters/dead-letter.ts'

/** The kind of a reason, which decides what an operator does about it. */
export type ReasonKind =
  | 'vendor-fails'
  | 'vendor-refuses'
  | 'vendor-busy'
  | 'our-access'
  | 'paused'
  | 'unknown-outcome'
  | 'no-way-back'
  | 'our-fault'

interface Explanation {
  kind: ReasonKind
  /** A clause, with `%` in place of the vendor. */
  text: string
}

/** All our reason codes, and the one for messages that SQS moved. */
const explanations: Record<ReasonCode | typeof movedBySqs, Explanation> = {
  TIME_OUT: { kind: 'vendor-fails', text: '% did not answer in time' },
  CONNECTION_LOST: { kind: 'vendor-fails', text: 'the connection to % was lost' },
  CONNECTION_FAILED: { kind: 'vendor-fails', text: '% could not be reached' },
  UNREADABLE_ANSWER: { kind: 'vendor-fails', text: '% sent an answer outside its contract' },
  FOREIGN_REFERENCE: { kind: 'vendor-fails', text: "% answered with another order's number" },
  CANCELLED_BY_VENDOR: {
    kind: 'unknown-outcome',
    text: '% has the order and says that it is cancelled; its number is in the dead letter',
  },
  MADE: { kind: 'vendor-busy', text: '% has done its work' },
  NOT_THERE: { kind: 'vendor-busy', text: '% does not have the order' },
  UNDONE: { kind: 'vendor-busy', text: '% has undone its work' },
  TOO_LATE: { kind: 'no-way-back', text: '% says that it is too late to undo its work' },
  NO_WAY_TO_CANCEL: { kind: 'no-way-back', text: '% has no way to undo its work' },
  CONFLICT: {
    kind: 'vendor-fails',
    text: '% reports a conflict but does not return the order',
  },
  RATE_LIMITED: { kind: 'vendor-busy', text: '% limits our rate' },
  VENDOR_UNAVAILABLE: { kind: 'vendor-busy', text: '% asked us to retry later' },
  NOT_READY_YET: { kind: 'vendor-busy', text: '% has accepted the order and is not done yet' },
  CREDENTIAL_REFUSED: { kind: 'our-access', text: '% refuses our credential' },
  PAUSED_BY_OPERATOR: { kind: 'paused', text: 'an operator has paused calls to %' },
  OUTCOME_UNKNOWN: { kind: 'unknown-outcome', text: 'it is not known yet whether % has accepted the order' },
  NO_WAY_TO_FIND_OUT: { kind: 'unknown-outcome', text: 'the API of % offers no way to find out' },
  NOTHING_MADE: { kind: 'unknown-outcome', text: '% has made nothing' },
  NOT_WRITABLE: {
    kind: 'our-fault',
    text: 'the answer of % cannot be written; its number is in the dead letter',
  },
  NEVER_CONSUMED: { kind: 'our-fault', text: 'its event was sent for a day and no worker consumed it' },
  CANNOT_BE_SENT: { kind: 'our-fault', text: 'for a day the relay could not read, send or write it' },
  RECEIVED_TOO_OFTEN: {
    kind: 'our-fault',
    text: 'the worker received its message ten times and did not finish it',
  },
  [movedBySqs]: {
    kind: 'our-fault',
    text: 'SQS itself moved the message, since no worker handled it',
  },
  NOT_JSON: { kind: 'our-fault', text: 'the message is not JSON' },
  NOT_AN_EVENT: { kind: 'our-fault', text: 'the message is not an order event' },
  WRONG_DETAIL_TYPE: { kind: 'our-fault', text: 'the event is not one that this listener handles' },
  WRONG_LANE: { kind: 'our-fault', text: 'the event is meant for another lane' },
  ORDER_NOT_FOUND: { kind: 'our-fault', text: 'there is no such order' },
  ORDER_NOT_THERE_YET: { kind: 'our-fault', text: 'an earlier step has not finished yet' },
  TOO_EARLY: { kind: 'our-fault', text: 'another attempt is in progress, or the next one is not due yet' },
  LOCKED: { kind: 'our-fault', text: 'another delivery of the message is being processed' },
  NO_TIME_LEFT: { kind: 'our-fault', text: 'the function had no time left to call %' },
  ORDER_CHANGED: { kind: 'our-fault', text: 'the order changed meanwhile' },
  CLAIM_LOST: { kind: 'our-fault', text: 'the attempt took too long and another one replaced it' },
  ATTENTION_NOT_PUBLISHED: {
    kind: 'our-fault',
    text: 'its ORDER_NEEDS_ATTENTION could not be published, which must precede a redrive',
  },
}

/** Codes that are followed by another reason, and their explanations. */
const prefixes: Record<ReasonPrefix, (inner: string) => Explanation> = {
  CIRCUIT_OPEN: (inner) => before('calls to % are stopped for now', find(inner)),
  WAITED_TOO_LONG: (inner) => before('it has waited for as long as is allowed', find(inner)),
  OUTCOME_UNKNOWN: (inner) => ({
    ...before('it is not known whether % has accepted the order', find(inner)),
    kind: 'unknown-outcome',
  }),
  OUR_ERROR: (inner) => ({ kind: 'our-fault', text: `the worker failed with ${inner}` }),
}

const before = (clause: string, { kind, text }: Explanation): Explanation => ({
  kind,
  text: `${clause}: ${text}`,
})

const has = <Key extends string>(record: Record<Key, unknown>, key: string): key is Key =>
  Object.hasOwn(record, key)

/** Statuses with which a vendor refuses an order's content: RFC 9110 §15.5. */
const refusals = ['400', '413', '422']

function find(reason: string): Explanation {
  if (has(explanations, reason)) return explanations[reason]
  const [, prefix = '', rest = ''] = /^([A-Z_]+):(.+)$/.exec(reason) ?? []
  if (has(prefixes, prefix)) return prefixes[prefix](rest)
  const [, status] = /^HTTP_(\d+)$/.exec(reason) ?? []
  if (status !== undefined && (Number(status) >= 500 || ['408', '425'].includes(status)))
    return { kind: 'vendor-fails', text: `% answered HTTP ${status}` }
  if (status !== undefined && !refusals.includes(status))
    return { kind: 'our-access', text: `% answers HTTP ${status}: our URL or its firewall may be wrong` }
  return { kind: 'vendor-refuses', text: '% refuses this order' }
}

/** Explains a reason code. A code that is not ours is a vendor's, for a refused order. */
export function explain(reason: string, vendor: string): Explanation {
  const { kind, text } = find(reason)
  return { kind, text: text.replaceAll('%', vendor) }
}
