import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'

/** An HTTP API takes bodies of up to 10 MB: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const maxBodyBytes = 10 * 1024 * 1024

/** A request with its whole body; `body` is undefined where it was larger than API Gateway takes. */
export interface HttpRequest {
  method: string
  url: URL
  headers: Record<string, string>
  cookies: string[]
  body: Buffer | undefined
  sourceIp: string
}

/** An answer; a stream as its body is sent as it comes (Server-Sent Events). */
export interface HttpResponse {
  status: number
  headers?: Record<string, string | string[]>
  body?: string | Buffer | Readable
}

/** What answers requests: the control API, the AWS endpoint, the emulated HTTP API. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse> | HttpResponse

/** A JSON answer. */
export const json = (status: number, body: unknown, contentType = 'application/json'): HttpResponse => ({
  status,
  headers: { 'content-type': contentType },
  body: JSON.stringify(body),
})

const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length <= maxBodyBytes) chunks.push(chunk)
  }
  return length <= maxBodyBytes ? Buffer.concat(chunks) : undefined
}

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(',')]),
  )

const requestOf = async (request: IncomingMessage): Promise<HttpRequest> => ({
  method: request.method ?? 'GET',
  url: new URL(`http://localhost${request.url ?? '/'}`),
  headers: headersOf(request),
  cookies: (request.headers.cookie ?? '').split('; ').filter(Boolean),
  body: await readBody(request),
  sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
})

/** Serves `handler` on the loopback interface only: nobody else on the network reaches the emulated account. */
export const serve = async (
  port: number,
  handler: HttpHandler,
): Promise<{ port: number; close: () => void }> => {
  const server: Server = createServer(async (incoming, outgoing) => {
    try {
      const { status, headers = {}, body = '' } = await handler(await requestOf(incoming))
      outgoing.writeHead(status, headers)
      if (typeof body === 'string' || Buffer.isBuffer(body)) outgoing.end(body)
      else body.on('error', () => outgoing.destroy()).pipe(outgoing.on('close', () => body.destroy()))
    } catch (error) {
      console.error('local: a request failed in the emulator itself:', error)
      if (!outgoing.headersSent) outgoing.writeHead(500)
      outgoing.end()
    }
  })
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve()),
  )
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
