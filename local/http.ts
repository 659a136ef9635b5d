import { randomBytes } from 'node:crypto'
import fastify, { type FastifyReply } from 'fastify'
import { isFromHere } from './server.ts'

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const bodyLimit = 10 * 1024 * 1024

export interface HttpResponse {
  status: number
  headers?: Record<string, string | string[]>
  body?: Buffer
}

/** A JSON response. */
export const json = (status: number, body: unknown, headers = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(body)),
})

/** The emulated cloud's HTTP app, to which the services add their routes. Request bodies are raw buffers. */
export type App = ReturnType<typeof createApp>

export const createApp = () => {
  const app = fastify({
    bodyLimit,
    exposeHeadRoutes: false,
    genReqId: () => randomBytes(12).toString('base64url'),
    // For a path that is not a valid URL.
    frameworkErrors: (_error, { id }, reply: FastifyReply) => {
      reply.code(400).headers({ 'apigw-requestid': id }).send({ message: 'Bad Request' })
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  // Fastify refuses an invalid content-type, but API Gateway passes it on to the function.
  const sentTypes = new WeakMap<object, string | undefined>()
  app.addHook('onRequest', async ({ raw }, reply) => {
    if (!isFromHere(raw.headers)) return reply.code(403).send({ message: 'Only local requests are allowed.' })
    sentTypes.set(raw, raw.headers['content-type'])
    if (raw.headers['content-type'] !== undefined) raw.headers['content-type'] = 'application/octet-stream'
  })
  app.addHook('preHandler', async ({ raw }) => {
    const sent = sentTypes.get(raw)
    if (sent !== undefined) raw.headers['content-type'] = sent
  })
  return app
}
