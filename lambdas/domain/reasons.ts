/** Our reason codes. Reasons appear in events, logs and DLQs, so they are never free text with personal data. */
export const reasonCodes = [
  // What a vendor's answer, or the lack of one, means.
  'TIME_OUT',
  'CONNECTION_LOST',
  'CONNECTION_FAILED',
  'UNREADABLE_ANSWER',
  'FOREIGN_REFERENCE',
  'CANCELLED_BY_VENDOR',
  'CONFLICT',
  'RATE_LIMITED',
  'VENDOR_UNAVAILABLE',
  'NOT_READY_YET',
  'CREDENTIAL_REFUSED',
  'BALANCE_EMPTY',
  'MADE',
  'NOT_THERE',
  'UNDONE',
  'TOO_LATE',
  'NO_WAY_TO_CANCEL',
  // Why the vendor is not called, or what it did cannot be found out.
  'PAUSED_BY_OPERATOR',
  'OUTCOME_UNKNOWN',
  'NO_WAY_TO_FIND_OUT',
  'NOTHING_MADE',
  // Why a message or its order is dead-lettered, other than by a vendor's answer.
  'NEVER_CONSUMED',
  'CANNOT_BE_SENT',
  'RECEIVED_TOO_OFTEN',
  'NOT_WRITABLE',
  'NOT_JSON',
  'NOT_AN_EVENT',
  'WRONG_DETAIL_TYPE',
  'WRONG_LANE',
  'ORDER_NOT_FOUND',
  // Why a message comes back, or joins its dead-lettered order in the DLQ.
  'ORDER_NOT_THERE_YET',
  'TOO_EARLY',
  'LOCKED',
  'NO_TIME_LEFT',
  'ORDER_CHANGED',
  'CLAIM_LOST',
  'ATTENTION_NOT_PUBLISHED',
] as const
export type ReasonCode = (typeof reasonCodes)[number]

/** Codes followed by a colon and another reason or, after `OUR_ERROR`, the name of an error. */
export type ReasonPrefix = 'CIRCUIT_OPEN' | 'WAITED_TOO_LONG' | 'OUTCOME_UNKNOWN' | 'OUR_ERROR'

declare const ofVendor: unique symbol
/** A vendor's own code for its refusal of an order: see {@link isVendorCode}. */
export type VendorCode = string & { readonly [ofVendor]: true }

/** Why an order or a message did not move on: our code, a vendor's HTTP status, or a vendor's own code. */
export type Reason = ReasonCode | VendorCode | `HTTP_${number}` | `${ReasonPrefix}:${string}`

const codePattern = /^[A-Z0-9_.]{1,64}$/
const ownCodes: readonly string[] = reasonCodes

/** Whether a text is a code and not one of ours. */
export const isVendorCode = (text: string): text is VendorCode =>
  codePattern.test(text) && !text.startsWith('HTTP_') && !ownCodes.includes(text)

/** The reason for a failure of our own: the error's name, since its message may contain anything. */
export const ourError = (error: unknown): Reason =>
  `OUR_ERROR:${error instanceof Error ? error.name : 'Unknown'}`
