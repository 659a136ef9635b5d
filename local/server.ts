import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { App } from './http.ts'

const ownHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

/**
 * Whether a request comes from a program on this machine or from a page that it serves. Any web site can make a browser
 * call 127.0.0.1, by a form or by a host name that resolves to that address (DNS rebinding).
 */
export const isFromHere = ({ host = '', origin }: IncomingHttpHeaders): boolean =>
  ownHost.test(host) && (origin === undefined || origin === `http://${host}`)

/** The emulated cloud's HTTP server. */
export type Server = Awaited<ReturnType<typeof listen>>

/**
 * Listens on the loopback interface only, so that no other machine can reach the emulated account. Answers 503 until
 * `open` is called. Port 0 means any free port.
 */
export const listen = async (asked: number) => {
  let answer: RequestListener = (_request, response) => response.writeHead(503).end()
  const server = createServer((request, response) => answer(request, response))
  // Longer than an SDK keeps idle connections, so the server never closes one that is about to be reused.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(asked, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://localhost:${port}`,
    /** The same server by IP address, for functions: resolving `localhost` would slow down each new connection. */
    endpoint: `http://127.0.0.1:${port}`,
    open: async (app: App) => {
      await app.ready()
      answer = app.routing
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
