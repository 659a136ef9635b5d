import { CommandError } from './command-error.ts'

/**
 * Sends a request and parses the JSON of its response.
 * @throws {CommandError} if there is no response within 10 s, or its status is an error
 */
export async function request(url: string, init: RequestInit, fetch = globalThis.fetch) {
  const what = `${init.method ?? 'GET'} ${url}`
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch((cause) => {
    throw new CommandError('failed', `${what} got no answer.`, { cause })
  })
  const text = await answer.text()
  if (answer.ok) return { body: JSON.parse(text), headers: answer.headers }
  throw new CommandError('failed', `${what} answered ${answer.status}: ${text.slice(0, 300)}`)
}

export const createApi =
  (url: string, token: string, fetch = globalThis.fetch) =>
  (method: 'GET' | 'POST', path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return request(url.replace(/\/$/, '') + path, { method, headers, body: JSON.stringify(body) }, fetch)
  }
export type Api = ReturnType<typeof createApi>
