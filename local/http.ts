import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const maxBodyBytes = 10 * 1024 * 1024

/** A request with its whole body, or none where it was larger than API Gateway takes. */
export interface HttpRequest {
  method: string
  url: URL
  headers: Record<string, string>
  body: Buffer | undefined
}

/** An answer; a stream as its body is sent as it comes. */
export interface HttpResponse {
  status: number
  headers?: Record<string, string | string[]>
  body?: string | Buffer | Readable
}

/** What answers requests: the control API, the AWS endpoint, the emulated HTTP API. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse> | HttpResponse

/** A JSON answer. */
export const json = (status: number, body: unknown, headers = {}): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

const requestOf = async (request: IncomingMessage): Promise<HttpRequest> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length <= maxBodyBytes) chunks.push(chunk)
  }
  const headers = Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join()])
  return {
    method: request.method ?? '',
    url: new URL(`http://localhost${request.url}`),
    headers: Object.fromEntries(headers),
    body: length <= maxBodyBytes ? Buffer.concat(chunks) : undefined,
  }
}

/** Serves on the loopback interface only: nobody else on the network reaches the emulated account. */
export const serve = async (port: number, handler: HttpHandler) => {
  const server = createServer(async (incoming, outgoing) => {
    try {
      const { status, headers = {}, body = '' } = await handler(await requestOf(incoming))
      outgoing.writeHead(status, headers)
      if (typeof body === 'string' || Buffer.isBuffer(body)) outgoing.end(body)
      else body.pipe(outgoing.on('close', () => body.destroy()))
    } catch (error) {
      if (!incoming.complete) return outgoing.destroy()
      console.error('local: a request failed in the emulator itself:', error)
      outgoing.writeHead(500).end()
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
