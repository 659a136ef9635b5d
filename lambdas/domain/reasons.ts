/** Our reason codes. Reasons are in events, logs and DLQs: never free text, which may hold personal data. */
export const reasonCodes = [
  // What a vendor's answer means, or that none came.
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
  // Why nobody asks the vendor, or cannot find out what it did.
  'PAUSED_BY_OPERATOR',
  'OUTCOME_UNKNOWN',
  'NO_WAY_TO_FIND_OUT',
  'NOTHING_MADE',
  // Why a message or its order is dead-lettered without a vendor.
  'NEVER_CONSUMED',
  'CANNOT_BE_SENT',
  'RECEIVED_TOO_OFTEN',
  'NOT_WRITABLE',
  'NOT_JSON',
  'NOT_AN_EVENT',
  'WRONG_DETAIL_TYPE',
  'WRONG_LANE',
  'ORDER_NOT_FOUND',
  // Why a message comes back, or joins an order that is dead-lettered.
  'ORDER_NOT_THERE_YET',
  'TOO_EARLY',
  'LOCKED',
  'NO_TIME_LEFT',
  'ORDER_CHANGED',
  'CLAIM_LOST',
  'ATTENTION_NOT_PUBLISHED',
] as const
export type ReasonCode = (typeof reasonCodes)[number]

/** Codes that another reason follows after a colon, or, after `OUR_ERROR`, the name of an error. */
export type ReasonPrefix = 'CIRCUIT_OPEN' | 'WAITED_TOO_LONG' | 'OUTCOME_UNKNOWN' | 'OUR_ERROR'

declare const ofVendor: unique symbol
/** A vendor's own code for its refusal of an order: see {@link isVendorCode}. */
export type VendorCode = string & { readonly [ofVendor]: true }

/** Why something did not go on: a code of ours, a vendor's HTTP status, or a vendor's own code. */
export type Reason = ReasonCode | VendorCode | `HTTP_${number}` | `${ReasonPrefix}:${string}`

const codePattern = /^[A-Z0-9_.]{1,64}$/
const ownCodes: readonly string[] = reasonCodes

/** Whether a text is a code, and not one of ours. */
export const isVendorCode = (text: string): text is VendorCode =>
  codePattern.test(text) && !text.startsWith('HTTP_') && !ownCodes.includes(text)

/** The reason of a failure that is ours: the error's name, since its message may hold anything. */
export const ourError = (error: unknown): Reason =>
  `OUR_ERROR:${error instanceof Error ? error.name : 'Unknown'}`
