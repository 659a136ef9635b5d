import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import * as z from 'zod'
import type { App } from './http.ts'
import type { Iam } from './iam.ts'
import type { EventBridge } from './services/event-bridge.ts'
import type { Lambda } from './services/lambda.ts'
import type { Sqs } from './services/sqs.ts'
import { localVendors, vendorNamed } from './vendor-apis.ts'
import type { VendorSimulator } from './vendor-simulator.ts'

/** The emulated cloud's token issuer. */
export type Issuer = Awaited<ReturnType<typeof createIssuer>>

/** Creates an issuer with a new key, so tokens are valid only until the cloud is restarted. */
export const createIssuer = async (issuer: string, audience: string) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const header = { alg: 'RS256', kid: 'local' }
  return {
    issuer,
    jwks: { keys: [{ ...(await exportJWK(publicKey)), ...header, use: 'sig' }] },
    sign: ({ sub, scope }: { sub: string; scope: string }): Promise<string> =>
      new SignJWT({ sub, scope, iss: issuer, aud: audience })
        .setProtectedHeader(header)
        .setIssuedAt()
        .setExpirationTime('12h')
        .sign(privateKey),
  }
}

const tokenRequest = z.strictObject({ sub: z.string().min(1), scope: z.string() })
const dropRequest = z.strictObject({ count: z.int().min(0) })

class NotFound extends Error {}

/** An endpoint under `/_local`; its result is the JSON response. `name` is the path's `:name` parameter. */
export type Endpoint = (name: string, body: unknown, query: Record<string, unknown>) => unknown

/** Adds endpoints under `/_local`, keyed by "METHOD /path". A thrown NotFound becomes a 404, any other error a 400. */
export const addEndpoints = (app: App, endpoints: Record<string, Endpoint>): void => {
  for (const [key, endpoint] of Object.entries(endpoints)) {
    const [method = '', path] = key.split(' ')
    app.route<{ Params: { name?: string }; Querystring: Record<string, unknown> }>({
      method,
      url: `/_local${path}`,
      handler: async ({ params, body, query }, reply) => {
        try {
          const input = Buffer.isBuffer(body) && body.length ? JSON.parse(body.toString()) : undefined
          return await endpoint(params.name ?? '', input, query)
        } catch (error) {
          const message = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
          return reply.code(error instanceof NotFound ? 404 : 400).send({ message })
        }
      },
    })
  }
}

const present = <T>(found: T | undefined, what: string): T => {
  if (found === undefined) throw new NotFound(`There is no ${what}.`)
  return found
}

/** Adds the control API, `/_local/…`: it inspects and manipulates the emulated cloud beyond AWS's own APIs. */
export const addControlApi = (
  app: App,
  deps: {
    issuer: Issuer
    vendors: Record<string, VendorSimulator>
    sqs: Sqs
    eventBridge: EventBridge
    lambda: Lambda
    iam: Iam
  },
): void => {
  const { issuer, vendors, sqs, eventBridge, lambda, iam } = deps

  const vendor = (asked: string) => {
    const name = vendorNamed(asked)
    return present(Object.hasOwn(vendors, name) ? vendors[name] : undefined, `vendor ${asked}`)
  }
  addEndpoints(app, {
    'GET /.well-known/openid-configuration': () => ({
      issuer: issuer.issuer,
      jwks_uri: `${issuer.issuer}/.well-known/jwks.json`,
    }),
    'GET /.well-known/jwks.json': () => issuer.jwks,
    'POST /token': async (_name, body) => ({ token: await issuer.sign(tokenRequest.parse(body)) }),
    // `protocol` is a function, so JSON leaves it out.
    'GET /vendors': () => ({ vendors: localVendors.filter(({ name }) => name in vendors) }),
    'GET /vendors/:name': (name) => vendor(name).faults(),
    'PUT /vendors/:name': (name, body) => vendor(name).setFaults(body),
    'GET /vendors/:name/ledger': (name) => ({ entries: vendor(name).ledger() }),
    'DELETE /vendors/:name/ledger': (name) => {
      vendor(name).clearLedger()
      return { entries: [] }
    },
    'POST /functions/:name/kill': (name) => {
      const found = lambda.functions().filter(({ file }) => file === name)
      present(found[0], `function ${name}`)
      return { killed: found.reduce((sum, { kill }) => sum + kill(), 0) }
    },
    'GET /events': () => ({ events: eventBridge.events.list() }),
    'POST /events/drop': (_name, body) => {
      const { count } = dropRequest.parse(body)
      eventBridge.drop(count)
      return { count }
    },
    'GET /queues': () => ({ queues: sqs.queues() }),
    'GET /iam': () => iam.report(),
    'GET /logs': (_name, _body, { function: of }) => ({
      lines: lambda.logs.list().filter((line) => !of || line.function === of),
    }),
  })
}
