import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type { FieldError, Rejection, RejectionKind } from '../application/rejection.ts'

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

/** An answer that is an error, thrown from wherever it is found: RFC 9457 problem details. */
export class Problem extends Error {
  override name = 'Problem'
  readonly status: ProblemStatus
  readonly errors: FieldError[] | undefined

  constructor(status: ProblemStatus, detail: string, errors?: FieldError[]) {
    super(detail)
    this.status = status
    this.errors = errors
  }

  details(requestId: string) {
    const { status, message: detail, errors } = this
    const instance = `urn:request:${requestId}`
    return { type: 'about:blank' as const, title: problemTitles[status], status, detail, instance, errors }
  }

  /** The problem as API Gateway's payload format 2.0 wants it. */
  toResponse(requestId: string): APIGatewayProxyStructuredResultV2 {
    return {
      statusCode: this.status,
      headers: { 'content-type': 'application/problem+json' },
      body: JSON.stringify(this.details(requestId)),
    }
  }
}

/** The status with which HTTP says each kind of refusal (RFC 9110 §15). */
const statusOf: Record<RejectionKind, ProblemStatus> = {
  invalid: 400,
  'not-found': 404,
  conflict: 409,
  refused: 422,
  unavailable: 503,
}

/** A use case's refusal as the API answers it. */
export const problemOf = ({ kind, message, errors }: Rejection): Problem =>
  new Problem(statusOf[kind], message, errors)
