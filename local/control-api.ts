import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import * as z from 'zod'
import { type HttpHandler, type HttpResponse, json } from './http.ts'
import type { Iam } from './iam.ts'
import type { EventBridge } from './services/event-bridge.ts'
import type { Lambda } from './services/lambda.ts'
import type { Sqs } from './services/sqs.ts'
import type { VendorSimulator } from './vendor-simulator.ts'

/** The runner's own token issuer. */
export type Issuer = Awaited<ReturnType<typeof createIssuer>>

/** Makes an issuer with a key of its own: tokens of one run are worth nothing in the next. */
export const createIssuer = async (issuer: string, audience: string) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const header = { alg: 'RS256', kid: 'local' }
  return {
    issuer,
    jwks: { keys: [{ ...(await exportJWK(publicKey)), ...header, use: 'sig' }] },
    sign: (sub: string, scope: string): Promise<string> =>
      new SignJWT({ sub, scope, iss: issuer, aud: audience })
        .setProtectedHeader(header)
        .setIssuedAt()
        .setExpirationTime('12h')
        .sign(privateKey),
  }
}

const tokenRequest = z.strictObject({ sub: z.string().min(1), scope: z.string() })
const dropRequest = z.strictObject({ count: z.int().min(0) })

type Endpoint = (input: {
  name: string
  body: unknown
  query: URLSearchParams
}) => HttpResponse | Promise<HttpResponse>

const notFound = (what: string) => json(404, { message: `There is no ${what}.` })

/** `/_local/…`: what one can ask of the emulated cloud, and do to it, beside AWS's own API. */
export const createControlApi = (deps: {
  issuer: Issuer
  vendors: Record<string, VendorSimulator>
  sqs: Sqs
  eventBridge: EventBridge
  lambda: Lambda
  iam: Iam
}): HttpHandler => {
  const { issuer, vendors, sqs, eventBridge, lambda, iam } = deps

  const vendor =
    (work: (vendor: VendorSimulator, body: unknown) => unknown): Endpoint =>
    ({ name, body }) => {
      const found = vendors[name]
      return found ? json(200, work(found, body)) : notFound(`vendor ${name}`)
    }

  const endpoints: Record<string, Endpoint> = {
    'GET /.well-known/openid-configuration': () =>
      json(200, { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/.well-known/jwks.json` }),
    'GET /.well-known/jwks.json': () => json(200, issuer.jwks),
    'POST /token': async ({ body }) => {
      const { sub, scope } = tokenRequest.parse(body)
      return json(200, { token: await issuer.sign(sub, scope) })
    },
    'GET /vendors/:name': vendor((found) => found.faults()),
    'PUT /vendors/:name': vendor((found, body) => found.setFaults(body)),
    'GET /vendors/:name/ledger': vendor((found) => ({ entries: found.ledger() })),
    'DELETE /vendors/:name/ledger': vendor((found) => {
      found.clearLedger()
      return { entries: [] }
    }),
    'POST /functions/:name/kill': ({ name }) => {
      const found = lambda.functions().find(({ file }) => file === name)
      return found ? json(200, { killed: found.kill() }) : notFound(`function ${name}`)
    },
    'GET /events': () => json(200, { events: eventBridge.recent() }),
    'POST /events/drop': ({ body }) => {
      const { count } = dropRequest.parse(body)
      eventBridge.drop(count)
      return json(200, { count })
    },
    'GET /queues': () => json(200, { queues: sqs.queues() }),
    'GET /iam': () => json(200, iam.report()),
    'GET /logs': ({ query }) => {
      const of = query.get('function')
      return json(200, { lines: lambda.logs().filter((line) => !of || line.function === of) })
    },
  }
  const routes = Object.entries(endpoints).map(([key, endpoint]) => {
    const [method, path] = key.split(' ')
    return { method, pattern: new URLPattern({ pathname: `/_local${path}` }), endpoint }
  })

  return async ({ method, url, body }) => {
    const { pathname, searchParams: query } = url
    const route = routes.find((each) => each.method === method && each.pattern.test({ pathname }))
    if (!route) return notFound(`${method} ${pathname}`)
    const { name = '' } = route.pattern.exec({ pathname })?.pathname.groups ?? {}
    try {
      return await route.endpoint({
        name,
        query,
        body: body?.length ? JSON.parse(body.toString()) : undefined,
      })
    } catch (error) {
      return json(400, { message: error instanceof z.ZodError ? z.prettifyError(error) : String(error) })
    }
  }
}
