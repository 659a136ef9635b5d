import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from './statistics.ts'

const agent = new Agent({ keepAlive: true })

/** Posts a document over a kept-alive connection. @returns the status; 0 if the connection broke */
export function post(url: string, headers: Record<string, string>, document: unknown): Promise<number> {
  const body = JSON.stringify(document)
  const allHeaders = {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent, headers: allHeaders }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', () => resolve(0))
    sent.end(body)
  })
}

/** Places orders on a cloud. It uses an IP address, because resolving localhost delays each new connection. */
export const placerOn = (url: string, token: string) => (order: unknown) =>
  post(`${url.replace('localhost', '127.0.0.1')}/orders`, { authorization: `Bearer ${token}` }, order)

/** The results of requests at a fixed rate. */
export interface Load {
  tookMs: number[]
  /** The share of responses other than 201. */
  failed: number
}

/**
 * Sends requests at a fixed rate, whether or not earlier ones are answered, so that a slow server cannot reduce its own
 * load. Each request is timed from the moment it was due. `send` returns the status.
 */
export async function openLoop(
  rate: number,
  seconds: number,
  send: (index: number) => Promise<number>,
): Promise<Load> {
  const count = Math.round(rate * seconds)
  const startedAt = performance.now()
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const dueAt = startedAt + (index * 1000) / rate
      await sleep(Math.max(0, dueAt - performance.now()))
      const status = await send(index)
      return { status, tookMs: performance.now() - dueAt }
    }),
  )
  return {
    tookMs: answers.map(({ tookMs }) => tookMs),
    failed: answers.filter(({ status }) => status !== 201).length / count,
  }
}

/** p50 / p95 / p99 and the share of errors, for a table. */
export function summary({ tookMs, failed }: Load): string {
  const ms = [0.5, 0.95, 0.99].map((share) => quantile(tookMs, share).toFixed(0))
  return `${ms.join(' / ')} ms, ${(failed * 100).toFixed(0)} % errors`
}
