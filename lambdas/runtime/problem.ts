import type { FieldError, RejectionKind } from '../application/rejection.ts'

/** Titles of the statuses that our functions answer (RFC 9110 §15). */
export const problemTitles = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const
export type ProblemStatus = keyof typeof problemTitles

/** The status with which HTTP says each kind of refusal (RFC 9110 §15). */
export const statusOf: Record<RejectionKind, ProblemStatus> = {
  invalid: 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'wrong-type': 415,
  refused: 422,
  unavailable: 503,
}

/** An answer that is an error: RFC 9457 problem details. */
export function problemDetails(
  status: ProblemStatus,
  detail: string,
  requestId: string,
  errors: readonly FieldError[] | undefined,
) {
  const instance = `urn:request:${requestId}`
  return { type: 'about:blank' as const, title: problemTitles[status], status, detail, instance, errors }
}
