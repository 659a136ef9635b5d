import { randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyReply } from 'fastify'

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const bodyLimit = 10 * 1024 * 1024

/** An answer. */
export interface HttpResponse {
  status: number
  headers?: Record<string, string | string[]>
  body?: Buffer
}

/** A JSON answer. */
export const json = (status: number, body: unknown, headers = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
})

const ownHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

/**
 * Whether a request was meant for this machine, by a program or by a page that it served itself: any site can have a
 * browser call 127.0.0.1, by a form or by a name that it resolves to there (DNS rebinding).
 */
export const isFromHere = ({ host = '', origin }: IncomingHttpHeaders): boolean =>
  ownHost.test(host) && (origin === undefined || origin === `http://${host}`)

/** The one HTTP server of the emulated cloud: what the services add to it, with bodies as raw buffers. */
export type App = ReturnType<typeof createApp>

/** Makes the server. */
export const createApp = () => {
  const app = fastify({
    bodyLimit,
    exposeHeadRoutes: false,
    genReqId: () => randomBytes(12).toString('base64url'),
    // A path that is no URL.
    frameworkErrors: (_error, { id }, reply: FastifyReply) => {
      reply.code(400).headers({ 'apigw-requestid': id }).send({ message: 'Bad Request' })
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  // A content-type that is none reaches the function too, where Fastify would refuse it.
  const sentTypes = new WeakMap<object, string | undefined>()
  app.addHook('onRequest', async ({ raw }, reply) => {
    if (!isFromHere(raw.headers)) return reply.code(403).send({ message: 'Only this machine may ask.' })
    sentTypes.set(raw, raw.headers['content-type'])
    if (raw.headers['content-type'] !== undefined) raw.headers['content-type'] = 'application/octet-stream'
  })
  app.addHook('preHandler', async ({ raw }) => {
    const sent = sentTypes.get(raw)
    if (sent !== undefined) raw.headers['content-type'] = sent
  })
  return app
}

/**
 * Listens on the loopback interface only: nobody else on the network reaches the emulated account. The app can still
 * be added to, and answers once `open` was called.
 */
export const listen = async (app: App, port: number) => {
  let isOpen = false
  const server = createServer((request, response) => {
    if (isOpen) app.routing(request, response)
    else response.writeHead(503).end()
  })
  // Longer than an SDK keeps an idle connection, so that none is closed under a request.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    open: async () => {
      await app.ready()
      isOpen = true
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
