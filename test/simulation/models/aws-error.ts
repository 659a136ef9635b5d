/** An AWS service's error response: its code and additional fields. */
export class AwsError extends Error {
  override readonly name = 'AwsError'
  readonly code: string
  readonly fields: Record<string, unknown>

  constructor(code: string, message: string, fields: Record<string, unknown> = {}) {
    super(`${code}: ${message}`)
    this.code = code
    this.fields = fields
  }
}

/** A call that the models do not cover. It stops the simulation, which would otherwise prove nothing. */
export class NotModelled extends Error {
  override readonly name = 'NotModelled'
}

/** The JSON of a request or response. */
export type Json = Record<string, unknown>

/** An AWS service's API: of a model or, in the contract suite, of an embedded engine. */
export type Service = (action: string, input: Json) => Promise<Json>
