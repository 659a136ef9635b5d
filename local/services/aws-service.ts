import * as z from 'zod'

/** The emulated account's id, which is also the default of dynalite and fauxqs. */
export const account = '000000000000'
/** The emulated account's only region. */
export const region = 'us-east-1'

/** An ARN in the emulated account. */
export const arnOf = (service: string, name: string) => `arn:aws:${service}:${region}:${account}:${name}`

/** The last part of an ARN or a URL. */
export const nameOf = (arnOrUrl: unknown) => String(arnOrUrl).replace(/^.*[:/]/, '')

/** A physical name cut to its service's maximum length. It keeps its end, a hash, and so stays unique. */
export const shortened = (name: string, most: number) =>
  name.length > most ? name.slice(0, most - 8) + name.slice(-8) : name

/** The JSON of a request or response. */
export type Json = Record<string, unknown>

/** An AWS service's error response; `fields` are additional ones, such as the Item of a failed condition. */
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

/** The error for a call that the emulator does not implement. */
export const notEmulated = (call: string) =>
  new AwsError('UnknownOperationException', `local/ does not emulate ${call}`)

/** One AWS service: the permissions that a call needs, and the call itself. */
export interface AwsService {
  permissions(action: string, input: Json): { action: string; resource: string }[]
  call(action: string, input: Json, traceHeader?: string): Promise<Json>
}

/** A template's resource with its intrinsics resolved. */
export interface Resource {
  /** The physical name: the stack's name and the logical id. */
  name: string
  logicalId: string
  /** The path in the construct tree, without the stack and the CDK's trailing `/Resource`. */
  path: string
  properties: unknown
  /** The folder of the resource's file asset. */
  assetPath: string
}

/** The values of Ref and Fn::GetAtt for a deployed resource. */
export interface Deployed {
  ref: string
  attributes?: Record<string, string>
}

export type Deploy = (resource: Resource) => Deployed | Promise<Deployed>

/**
 * Defines a resource type: the emulated properties, the names of those without a local effect, and how to create it.
 * Any other property is an error, so that a template cannot silently mean more on AWS than in the emulator.
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
    throw new Error(`local/ does not emulate ${r.path} as configured: ${z.prettifyError(error)}`)
  }
}
