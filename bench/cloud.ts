import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..')
const agent = new Agent({ keepAlive: true })

/** An answer, and how long it took from the request's first byte to its own last one. */
export interface Answer {
  status: number
  body: string
  tookMs: number
}

/** Sends one request over a kept connection. Never throws: a connection that broke is status 0. */
export function send(method: string, url: string, headers = {}, body = ''): Promise<Answer> {
  const startedAt = performance.now()
  const sized = { ...headers, 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve) => {
    const answer = (status: number, text: string) =>
      resolve({ status, body: text, tookMs: performance.now() - startedAt })
    const sent = request(url, { method, agent, headers: sized }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      answer(response.statusCode ?? 0, Buffer.concat(chunks).toString())
    })
    sent.on('error', ({ message }) => answer(0, message))
    sent.end(body)
  })
}

/** A client of an embedded cloud's API and controls. */
export function clientOf(url: string) {
  const json = { 'content-type': 'application/json' }
  const control = async (method: string, path: string, body?: unknown) => {
    const answer = await send(
      method,
      `${url}/_local${path}`,
      json,
      body === undefined ? '' : JSON.stringify(body),
    )
    if (answer.status >= 300 || answer.status === 0)
      throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`)
    return JSON.parse(answer.body)
  }
  return {
    url,
    control,
    token: async (sub = 'shop-1'): Promise<string> =>
      (await control('POST', '/token', { sub, scope: 'orders/write orders/read' })).token,
    place: (token: string, order: unknown): Promise<Answer> =>
      send('POST', `${url}/orders`, { ...json, authorization: `Bearer ${token}` }, JSON.stringify(order)),
    order: async (token: string, orderId: string) => {
      const { body } = await send('GET', `${url}/orders/${orderId}`, { authorization: `Bearer ${token}` })
      return JSON.parse(body)
    },
  }
}
/** See {@link clientOf}. */
export type Client = ReturnType<typeof clientOf>

/** Starts an embedded cloud in a process of its own, on a free port. */
export async function startCloud(speed = 1): Promise<Client & { stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [join(root, 'local', 'start.ts'), '--speed', `${speed}`], {
    cwd: root,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exited = once(child, 'exit')
  let url: string | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    url ??= /^API\s+(http\S+)/.exec(line)?.[1]
    if (line.startsWith('Ready')) break
  }
  if (url === undefined) throw new Error('The embedded cloud did not start; npm start says why.')
  child.stdout.resume()
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
  }
  // By address: looking up localhost costs each new connection a detour.
  return { ...clientOf(url.replace('localhost', '127.0.0.1')), stop }
}
