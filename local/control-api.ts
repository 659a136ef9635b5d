import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import * as z from 'zod'
import { type HttpHandler, type HttpRequest, type HttpResponse, json } from './http.ts'
import type { Iam } from './iam.ts'
import type { EventBridge } from './services/event-bridge.ts'
import type { Lambda } from './services/lambda.ts'
import type { Sqs } from './services/sqs.ts'
import type { startVendorSimulator } from './vendor-simulator.ts'

/** The vendor simulators by name. */
export type Vendors = Record<string, Awaited<ReturnType<typeof startVendorSimulator>>>

/** The runner's own token issuer. */
export interface Issuer {
  issuer: string
  audience: string
  /** A token as an OpenID Connect issuer would sign it. */
  sign: (sub: string, scope: string) => Promise<string>
  jwks: object
}

/** Makes an issuer with a key of its own: tokens of one run are worth nothing in the next. */
export const createIssuer = async (issuer: string, audience: string): Promise<Issuer> => {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const kid = 'local'
  return {
    issuer,
    audience,
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] },
    sign: (sub, scope) =>
      new SignJWT({ scope })
        .setProtectedHeader({ alg: 'RS256', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(sub)
        .setIssuedAt()
        .setExpirationTime('12h')
        .sign(privateKey),
  }
}

const tokenRequest = z.strictObject({ sub: z.string().min(1), scope: z.string() })
const dropRequest = z.strictObject({ count: z.int().min(0) })

/** What the control API is about. */
export interface ControlApiDeps {
  issuer: Issuer
  vendors: Vendors
  sqs: Sqs
  eventBridge: EventBridge
  lambda: Lambda
  iam: Iam
}

type Endpoint = (input: {
  name: string
  body: unknown
  request: HttpRequest
}) => HttpResponse | Promise<HttpResponse>

const notFound = (what: string) => json(404, { message: what })

/** `/_local/…`: what one can ask of and do to the emulated cloud beside AWS's own API. */
export const createControlApi = (deps: ControlApiDeps): HttpHandler => {
  const { issuer, vendors, sqs, eventBridge, lambda, iam } = deps

  const withVendor =
    (work: (vendor: Vendors[string], body: unknown) => HttpResponse): Endpoint =>
    ({ name, body }) => {
      const vendor = vendors[name]
      return vendor ? work(vendor, body) : notFound(`No vendor ${name}: ${Object.keys(vendors).join(', ')}`)
    }

  const endpoints: [method: string, path: RegExp, endpoint: Endpoint][] = [
    [
      'GET',
      /^\.well-known\/openid-configuration$/,
      () => json(200, { issuer: issuer.issuer, jwks_uri: `${issuer.issuer}/.well-known/jwks.json` }),
    ],
    ['GET', /^\.well-known\/jwks\.json$/, () => json(200, issuer.jwks)],
    [
      'POST',
      /^token$/,
      async ({ body }) => {
        const { sub, scope } = tokenRequest.parse(body)
        return json(200, { token: await issuer.sign(sub, scope) })
      },
    ],
    ['GET', /^vendors\/([^/]+)$/, withVendor((vendor) => json(200, vendor.faults()))],
    [
      'PUT',
      /^vendors\/([^/]+)$/,
      withVendor((vendor, body) => json(200, vendor.setFaults(z.looseObject({}).parse(body)))),
    ],
    ['GET', /^vendors\/([^/]+)\/ledger$/, withVendor((vendor) => json(200, { entries: vendor.ledger() }))],
    [
      'DELETE',
      /^vendors\/([^/]+)\/ledger$/,
      withVendor((vendor) => {
        vendor.clearLedger()
        return { status: 204 }
      }),
    ],
    [
      'POST',
      /^functions\/([^/]+)\/kill$/,
      ({ name }) => {
        const found = lambda.functions().filter(({ file }) => file === name)
        if (!found.length) return notFound(`No function ${name}`)
        return json(200, { killed: found.reduce((sum, each) => sum + each.kill(), 0) })
      },
    ],
    ['GET', /^events$/, () => json(200, { events: eventBridge.recent() })],
    [
      'POST',
      /^events\/drop$/,
      ({ body }) => {
        const { count } = dropRequest.parse(body)
        eventBridge.drop(count)
        return json(200, { count })
      },
    ],
    ['GET', /^queues$/, () => json(200, { queues: sqs.queues() })],
    ['GET', /^iam$/, () => json(200, iam.report())],
    [
      'GET',
      /^logs$/,
      ({ request }) => {
        const of = request.url.searchParams.get('function')
        return json(200, { lines: lambda.logs().filter((line) => !of || line.function === of) })
      },
    ],
  ]

  return async (request) => {
    const path = request.url.pathname.replace(/^\/_local\//, '')
    for (const [method, pattern, endpoint] of endpoints) {
      const match = method === request.method && pattern.exec(path)
      if (!match) continue
      try {
        const body = request.body?.length ? JSON.parse(request.body.toString()) : undefined
        return await endpoint({ name: decodeURIComponent(match[1] ?? ''), body, request })
      } catch (error) {
        return json(400, { message: error instanceof z.ZodError ? z.prettifyError(error) : String(error) })
      }
    }
    return notFound(`${request.method} /_local/${path} is not part of the control API`)
  }
}
