import type { StepName } from '../../lambdas/domain/chain.ts'
import type { ReasonCode, ReasonPrefix } from '../../lambdas/domain/reasons.ts'
import { movedBySqs } from '../dead-letters/dead-letter.ts'

/** The step's vendor, as an operator calls it. */
export const vendorOf: Record<StepName, string> = { logistics: 'the carrier', wms: 'the warehouse' }

/** What kind of trouble a reason is: it decides what an operator does about it. */
export type Trouble =
  | 'vendor-fails'
  | 'vendor-refuses'
  | 'vendor-busy'
  | 'our-access'
  | 'paused'
  | 'unknown-outcome'
  | 'our-fault'

interface Explanation {
  trouble: Trouble
  /** A clause in which `%` stands for the vendor. */
  words: string
}

/** Every reason code of ours, and the one that only SQS causes. */
const explanations: Record<ReasonCode | typeof movedBySqs, Explanation> = {
  TIME_OUT: { trouble: 'vendor-fails', words: '% did not answer in time' },
  CONNECTION_LOST: { trouble: 'vendor-fails', words: 'the connection to % broke off' },
  CONNECTION_FAILED: { trouble: 'vendor-fails', words: '% could not be reached' },
  UNREADABLE_ANSWER: { trouble: 'vendor-fails', words: '% answered what is not in its contract' },
  CONFLICT: {
    trouble: 'vendor-fails',
    words: '% says that it has the order, or is at it, and does not show it',
  },
  RATE_LIMITED: { trouble: 'vendor-busy', words: '% takes no more at the moment' },
  VENDOR_UNAVAILABLE: { trouble: 'vendor-busy', words: '% asked for a pause' },
  NOT_READY_YET: { trouble: 'vendor-busy', words: '% has taken the order on and is not ready yet' },
  CREDENTIAL_REFUSED: { trouble: 'our-access', words: '% refuses our credential' },
  PAUSED_BY_OPERATOR: { trouble: 'paused', words: 'an operator holds calls to % back' },
  OUTCOME_UNKNOWN: { trouble: 'unknown-outcome', words: 'nobody knows yet whether % has taken the order on' },
  NO_WAY_TO_FIND_OUT: { trouble: 'unknown-outcome', words: 'there is no way to find out' },
  NEVER_CONSUMED: { trouble: 'our-fault', words: 'its event was sent ten times and no worker took it up' },
  RECEIVED_TOO_OFTEN: {
    trouble: 'our-fault',
    words: 'the worker gave its message back or died of it ten times',
  },
  [movedBySqs]: {
    trouble: 'our-fault',
    words: 'SQS moved the message by itself: no worker was alive to do it',
  },
  NOT_JSON: { trouble: 'our-fault', words: 'the message is not JSON' },
  NOT_AN_EVENT: { trouble: 'our-fault', words: 'the message is not an event of ours' },
  WRONG_DETAIL_TYPE: { trouble: 'our-fault', words: 'the event is not the one that this step takes up' },
  ORDER_NOT_FOUND: { trouble: 'our-fault', words: 'there is no such order' },
  ORDER_NOT_THERE_YET: { trouble: 'our-fault', words: 'an earlier step has yet to finish' },
  TOO_EARLY: { trouble: 'our-fault', words: 'another attempt is under way, or the next one is not due yet' },
  LOCKED: { trouble: 'our-fault', words: 'another delivery of the message is being worked on' },
  NO_TIME_LEFT: { trouble: 'our-fault', words: 'the function had no time left to call %' },
  ORDER_CHANGED: { trouble: 'our-fault', words: 'the order changed meanwhile' },
  CLAIM_LOST: { trouble: 'our-fault', words: 'the attempt took too long, and another took over' },
  ATTENTION_NOT_PUBLISHED: {
    trouble: 'our-fault',
    words: 'its ORDER_NEEDS_ATTENTION could not be published, which comes before a redrive',
  },
}

/** What a code makes of the reason that it carries. */
const prefixes: Record<ReasonPrefix, (carried: string) => Explanation> = {
  CIRCUIT_OPEN: (carried) => before('calls to % are stopped for now', find(carried)),
  WAITED_TOO_LONG: (carried) => before('it waited as long as it may', find(carried)),
  OUTCOME_UNKNOWN: (carried) => ({
    ...before('nobody knows whether % has taken the order on', find(carried)),
    trouble: 'unknown-outcome',
  }),
  MISCONFIGURED: (carried) => ({
    trouble: 'our-access',
    words: `% answers ${carried.replace('_', ' ')}: our URL or request is wrong`,
  }),
  OUR_ERROR: (carried) => ({ trouble: 'our-fault', words: `the worker failed with ${carried}` }),
}

const before = (clause: string, { trouble, words }: Explanation): Explanation => ({
  trouble,
  words: `${clause}: ${words}`,
})

const has = <Key extends string>(record: Record<Key, unknown>, key: string): key is Key =>
  Object.hasOwn(record, key)

function find(reason: string): Explanation {
  if (has(explanations, reason)) return explanations[reason]
  const [, prefix = '', rest = ''] = /^([A-Z_]+):(.+)$/.exec(reason) ?? []
  if (has(prefixes, prefix)) return prefixes[prefix](rest)
  const [, status] = /^HTTP_(\d+)$/.exec(reason) ?? []
  if (status !== undefined && (Number(status) >= 500 || ['408', '425'].includes(status)))
    return { trouble: 'vendor-fails', words: `% answered HTTP ${status}` }
  return { trouble: 'vendor-refuses', words: '% refuses this order' }
}

/** A reason code in words, and what kind of trouble it is. What is not ours is the vendor's refusal. */
export function explain(reason: string, step: StepName): Explanation {
  const { trouble, words } = find(reason)
  return { trouble, words: words.replaceAll('%', vendorOf[step]) }
}
