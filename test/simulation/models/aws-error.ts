/** An error as an AWS service answers it: its code, and further fields of the answer. */
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

/** A call that the models do not cover: the simulation would prove nothing, so it stops. */
export class NotModelled extends Error {
  override readonly name = 'NotModelled'
}

/** A call's or an answer's JSON on the wire. */
export type Json = Record<string, unknown>

/** An AWS service on the wire: the models', and the embedded engines' under the contract suite. */
export type Service = (action: string, input: Json) => Promise<Json>
