import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import * as z from 'zod'

const response = z.object({
  headers: z.record(z.string(), z.unknown()),
  content: z.record(z.string(), z.unknown()),
})
const reference = z.object({ $ref: z.string() })
const operation = z.object({ responses: z.record(z.string(), z.union([reference, response])) })
const methods = z.enum(['get', 'post', 'patch'])
const route = z.object({ get: operation.optional(), post: operation.optional(), patch: operation.optional() })
const document = z.looseObject({
  paths: z.record(z.string(), route),
  components: z.looseObject({
    responses: z.record(z.string(), response),
    headers: z.record(z.string(), z.object({ required: z.boolean().default(false) })),
  }),
})

/** A request to the API and its response. */
export interface Exchange {
  method: string
  /** With or without its query. */
  path: string
  status: number
  headers: Headers
  /** The parsed JSON. */
  body: unknown
}

/** Closes the response schemas: they allow fields of later versions, but in tests an undocumented field is a bug. */
export function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const inner = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, closed(part)]))
  return inner.type === 'object' && 'properties' in inner ? { additionalProperties: false, ...inner } : inner
}

const pointer = (...parts: string[]): string =>
  `#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`

const nameIn = ({ $ref }: { $ref: string }): string => $ref.split('/').at(-1) ?? ''

/**
 * Creates a function that checks a response against an OpenAPI document: its status, media type, headers and body,
 * including fields that the document does not have.
 * @returns a sentence for each deviation; an empty list if the response conforms
 */
export function createConformance(openApi: unknown): (exchange: Exchange) => string[] {
  const whole = z.record(z.string(), z.unknown()).parse(closed(openApi))
  const { paths, components } = document.parse(whole)
  // Not strict, because the whole document is the root schema, so that its references resolve.
  const ajv = new Ajv2020({ strict: false, allErrors: true, schemas: { document: whole } })
  formats.default(ajv)

  const wrongIn = (at: string, value: unknown): string[] => {
    const validate = ajv.getSchema(`document${at}`)
    if (!validate) throw new Error(`The document has no schema at ${at}`)
    if (validate(value)) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath || 'the whole'} ${message} ${JSON.stringify(params)}`,
    )
  }

  const templates = Object.keys(paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]*')}$`),
  }))

  const responseOf = (method: string, path: string, status: number) => {
    const template = templates.find(({ pattern }) => pattern.test(path.split('?')[0] ?? ''))
    const verb = methods.safeParse(method.toLowerCase())
    const found = template && verb.success && paths[template.path]?.[verb.data]
    if (!found) {
      // Without a route, API Gateway's own 404 is expected.
      const { NotFound } = components.responses
      const content = { 'application/json': NotFound?.content['application/json'] }
      return (
        status === 404 && NotFound && { at: ['components', 'responses', 'NotFound'], ...NotFound, content }
      )
    }
    const answer = found.responses[status]
    if (answer === undefined) return undefined
    if (!('$ref' in answer))
      return { at: ['paths', template.path, verb.data, 'responses', `${status}`], ...answer }
    const shared = components.responses[nameIn(answer)]
    return shared && { at: ['components', 'responses', nameIn(answer)], ...shared }
  }

  return ({ method, path, status, headers, body }) => {
    const known = responseOf(method, path, status)
    if (!known) return [`The status ${status} is not documented.`]
    const { at, content } = known

    const wrongHeaders = Object.entries(known.headers).flatMap(([name, described]) => {
      const shared = nameIn(reference.parse(described))
      const value = headers.get(name)
      if (value === null)
        return components.headers[shared]?.required ? [`The header ${name} is missing.`] : []
      return wrongIn(pointer('components', 'headers', shared, 'schema'), value).map(
        (error) => `The header ${name}: ${error}`,
      )
    })

    const mediaType = headers.get('content-type')?.split(';')[0] ?? 'none'
    const wrongBody =
      mediaType in content
        ? wrongIn(pointer(...at, 'content', mediaType, 'schema'), body).map((error) => `The body: ${error}`)
        : [`The content-type ${mediaType} is not documented.`]
    return [...wrongHeaders, ...wrongBody]
  }
}

/** Checks a response against openapi.json. */
export const violations: (exchange: Exchange) => string[] = createConformance(
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'openapi.json'), 'utf8')),
)
