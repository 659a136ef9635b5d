import * as z from 'zod'

/** The emulated account: dynalite and fauxqs know this one. */
export const account = '000000000000'
/** Its one region. */
export const region = 'us-east-1'

/** An ARN in the emulated account. */
export const arnOf = (service: string, name: string) => `arn:aws:${service}:${region}:${account}:${name}`

/** The last part of an ARN or a URL. */
export const nameOf = (arnOrUrl: unknown) => String(arnOrUrl).replace(/^.*[:/]/, '')

/** A physical name that is no longer than its service allows: its end, a hash, still tells it from others. */
export const shortened = (name: string, most: number) =>
  name.length > most ? name.slice(0, most - 8) + name.slice(-8) : name

/** A call's or an answer's JSON. */
export type Json = Record<string, unknown>

/** An error as an AWS service answers it; `fields` are further ones, such as the Item of a failed condition. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  readonly fields: Json
  constructor(code: string, message: string, status = 400, fields: Json = {}) {
    super(message)
    this.code = code
    this.status = status
    this.fields = fields
  }
}

/** What a service answers to a call that nobody has needed yet. */
export const notEmulated = (call: string) =>
  new AwsError('UnknownOperationException', `local/ does not emulate ${call}`)

/** One AWS service on the wire: what IAM is asked for a call, and the call. */
export interface AwsService {
  permissions(action: string, input: Json): { action: string; resource: string }[]
  call(action: string, input: Json, traceHeader?: string): Promise<Json>
}

/** A resource of a template, its intrinsics resolved. */
export interface Resource {
  /** The physical name, made of the stack's name and the logical id. */
  name: string
  logicalId: string
  /** Its path in the construct tree, without the stack and CDK's last `/Resource`. */
  path: string
  properties: unknown
  /** The folder of its file asset. */
  assetPath: string
}

/** What Ref and Fn::GetAtt give for a resource that was brought up. */
export interface Deployed {
  ref: string
  attributes?: Record<string, string>
}

export type Deploy = (resource: Resource) => Deployed | Promise<Deployed>

/**
 * A resource type: the properties that are emulated, the names of those without a local effect, and how it comes up.
 * Any other property is an error, so that a template never means more on AWS than here unnoticed.
 */
export const resource = <S extends z.ZodRawShape>(
  shape: S,
  withoutEffect: string,
  deploy: (properties: z.output<z.ZodObject<S>>, r: Resource) => ReturnType<Deploy>,
): Deploy => {
  const ignored = `Tags Description ${withoutEffect}`.split(' ').map((name) => [name, z.unknown().optional()])
  const schema = z.strictObject({ ...Object.fromEntries(ignored), ...shape })
  return (r) => {
    const { data, error } = schema.safeParse(r.properties ?? {})
    if (data) return deploy(data as z.output<z.ZodObject<S>>, r)
    throw new Error(`local/ does not emulate ${r.path} as its template asks: ${z.prettifyError(error)}`)
  }
}
