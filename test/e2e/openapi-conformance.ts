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

/** An answer of the API, and what it answers. */
export interface Exchange {
  method: string
  /** With or without its query. */
  path: string
  status: number
  headers: Headers
  /** The parsed JSON. */
  body: unknown
}

/** Answers are open for fields to come; here they are closed, since one that is not documented is a mistake. */
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
 * Makes the judge of whether an answer is what an OpenAPI document says: its status, media type, headers and
 * body, down to fields that the document does not have.
 * @returns a sentence for each thing that is not true of the document; none, then the answer is
 */
export function createConformance(openApi: unknown): (exchange: Exchange) => string[] {
  const whole = z.record(z.string(), z.unknown()).parse(closed(openApi))
  const { paths, components } = document.parse(whole)
  // Not strict, since all of the document is its root, for the sake of its references.
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
      // No route: API Gateway's own answer, whatever was asked.
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

/** What is not true of openapi.json in an answer. */
export const violations: (exchange: Exchange) => string[] = createConformance(
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'openapi.json'), 'utf8')),
)
