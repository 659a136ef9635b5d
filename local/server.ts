import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { App } from './http.ts'

const ownHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

/**
 * Whether a request was meant for this machine, by a program or by a page that it served itself: any site can have a
 * browser call 127.0.0.1, by a form or by a name that it resolves to there (DNS rebinding).
 */
export const isFromHere = ({ host = '', origin }: IncomingHttpHeaders): boolean =>
  ownHost.test(host) && (origin === undefined || origin === `http://${host}`)

/** The emulated cloud's port. */
export type Server = Awaited<ReturnType<typeof listen>>

/**
 * Listens on the loopback interface only: nobody else on the network reaches the emulated account. It answers 503 until
 * it is opened.
 */
export const listen = async (asked: number) => {
  let answer: RequestListener = (_request, response) => response.writeHead(503).end()
  const server = createServer((request, response) => answer(request, response))
  // Longer than an SDK keeps an idle connection, so that none is closed under a request.
  server.keepAliveTimeout = 120_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(asked, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://localhost:${port}`,
    /** By address for functions: looking up localhost costs each new connection a detour. */
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
