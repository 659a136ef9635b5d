import type { z } from 'zod'

/** Where the emulated stack lives. dynalite and fauxqs know this account. */
export const account = '000000000000'
/** The one region of the emulated account. */
export const region = 'us-east-1'

/** An ARN in the emulated account. */
export const arnOf = (service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`

/** An error as an AWS service answers it. */
export class AwsError extends Error {
  override readonly name = 'AwsError'
  readonly code: string
  readonly status: number
  /** Further fields of the answer, such as the Item of a failed condition. */
  readonly fields: Record<string, unknown>
  /** The code's name in the older query protocol, where it has another. */
  queryCode?: string
  constructor(code: string, message: string, status = 400, fields: Record<string, unknown> = {}) {
    super(message)
    this.code = code
    this.status = status
    this.fields = fields
  }
}

/** A call's or an answer's JSON. */
export type Json = Record<string, unknown>

/** One AWS service on the wire: what IAM is asked for a call, and the call. */
export interface AwsService {
  /** The pairs of IAM action and resource that the call needs. */
  permissions(action: string, input: Json): { action: string; resource: string }[]
  call(action: string, input: Json, context?: { traceHeader?: string | undefined }): Promise<Json>
}

/** A resource of a template, intrinsics resolved. */
export interface Resource {
  /** The physical name, derived from the stack's name and the logical id. */
  name: string
  logicalId: string
  /** Where it stands in the construct tree, without the stack and CDK's last `/Resource`. */
  path: string
  properties: unknown
  /** The directory of a file asset by its S3 key. */
  assetPath: (s3Key: string) => string
}

/** What Ref and Fn::GetAtt give for a resource that was brought up. */
export interface Deployed {
  ref: string
  attributes?: Record<string, string>
}

/** Brings up one resource. */
export type Deploy = (resource: Resource) => Deployed | Promise<Deployed>

/**
 * A resource type with the properties the emulator understands. A property that is not in the schema is an error,
 * so that a template never means more on AWS than it does here without somebody having said so.
 */
export const resource =
  <S extends z.ZodType>(
    schema: S,
    deploy: (properties: z.output<S>, r: Resource) => Deployed | Promise<Deployed>,
  ): Deploy =>
  (r) => {
    const parsed = schema.safeParse(r.properties ?? {})
    if (parsed.success) return deploy(parsed.data, r)
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`local/ does not emulate ${r.path} as its template asks: ${issues.join('; ')}`)
  }
