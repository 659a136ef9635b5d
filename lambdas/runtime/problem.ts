import type { RejectionKind } from '../application/rejection.ts'
import type { FieldError } from '../domain/limits.ts'

/** The HTTP status of each kind of refusal, and of a failure of our own (RFC 9110 §15). */
export const problems = {
  invalid: { title: 'Bad Request', status: 400 },
  forbidden: { title: 'Forbidden', status: 403 },
  'not-found': { title: 'Not Found', status: 404 },
  conflict: { title: 'Conflict', status: 409 },
  'too-large': { title: 'Content Too Large', status: 413 },
  'wrong-type': { title: 'Unsupported Media Type', status: 415 },
  refused: { title: 'Unprocessable Content', status: 422 },
  failed: { title: 'Internal Server Error', status: 500 },
  unavailable: { title: 'Service Unavailable', status: 503 },
} as const satisfies Record<RejectionKind | 'failed', object>
export type ProblemKind = keyof typeof problems

/** The body of an error response: RFC 9457 problem details. */
export function problemDetails(kind: ProblemKind, detail: string, requestId: string, errors?: FieldError[]) {
  const { title, status } = problems[kind]
  return { type: 'about:blank' as const, title, status, detail, instance: `urn:request:${requestId}`, errors }
}
