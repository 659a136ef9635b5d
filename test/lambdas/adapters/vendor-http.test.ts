import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { VendorAuth } from '../../../lambdas/adapters/vendor-auth.ts'
import { createVendorHttp } from '../../../lambdas/adapters/vendor-http.ts'
import { t0 } from '../../builders.ts'

let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  server = undefined
})

/** Starts a vendor with the given request listener; returns its URL. */
async function vendor(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port')
  return `http://127.0.0.1:${address.port}`
}

const http = (
  url: string,
  timeoutMs = 2000,
  credential = async (_afresh: boolean) => 'secret',
  auth: VendorAuth = 'bearer',
) => createVendorHttp({ url, timeoutMs, auth, credential, fetch: globalThis.fetch, now: () => t0 })

const answer = (status: number, body = '', headers: Record<string, string> = {}): RequestListener => {
  return (_request, response) => response.writeHead(status, headers).end(body)
}

describe('a call', () => {
  test('posts JSON with credential and key, and returns the response', async () => {
    let seen: unknown
    const url = await vendor(async (request, response) => {
      const { method, url: path, headers } = request
      const { authorization, accept, 'content-type': type, 'idempotency-key': key } = headers
      seen = { method, path, authorization, accept, type, key, body: await request.toArray() }
      response.writeHead(201).end('{"id": "1"}')
    })

    const reply = await http(url)('POST', '/things', { ref: 'ä' }, 'key-1')

    expect(reply).toEqual({ kind: 'answer', status: 201, body: { id: '1' }, retryAfterMs: undefined })
    expect(seen).toEqual({
      method: 'POST',
      path: '/things',
      authorization: 'Bearer secret',
      key: 'key-1',
      accept: 'application/json',
      type: 'application/json',
      body: [Buffer.from('{"ref":"ä"}')],
    })
  })

  test.each<[string, VendorAuth, string, Record<string, string>]>([
    ['a bearer token', 'bearer', 's', { authorization: 'Bearer s' }],
    ['a user without a password', 'basic', 'EZTK1', { authorization: `Basic ${btoa('EZTK1:')}` }],
    ['a user and a password', 'basic', 'me:secret', { authorization: `Basic ${btoa('me:secret')}` }],
    ['a header of its own', { header: 'api-key' }, 'k', { 'api-key': 'k' }],
  ])('carries its credential as %s', async (_, auth, credential, headers) => {
    const url = await vendor((request, response) => response.end(JSON.stringify(request.headers)))

    expect(await http(url, 2000, async () => credential, auth)('GET', '/')).toMatchObject({ body: headers })
  })

  test('gets without a body', async () => {
    const url = await vendor((request, response) =>
      response.end(JSON.stringify([request.method, request.url])),
    )

    expect(await http(url)('GET', '/things/1')).toMatchObject({ body: ['GET', '/things/1'] })
  })

  test('follows no redirect', async () => {
    const url = await vendor(answer(307, '', { location: '/elsewhere' }))

    expect(await http(url)('GET', '/')).toMatchObject({ kind: 'answer', status: 307 })
  })

  test.each(['', '<html>', '{"id":'])('whose body is %j is answered without one', async (body) => {
    const url = await vendor(answer(200, body))

    expect(await http(url)('GET', '/')).toMatchObject({ kind: 'answer', status: 200, body: undefined })
  })
})

describe('a way that fails', () => {
  test('is no connection if nothing listens, so the vendor certainly did nothing', async () => {
    const url = await vendor(answer(200))
    server?.close()

    expect(await http(url)('GET', '/')).toEqual({ kind: 'not-connected' })
  })

  test('is no connection if the host name does not exist', async () => {
    expect(await http('http://vendor.invalid')('GET', '/')).toEqual({ kind: 'not-connected' })
  })

  test('is a time-out if no response comes', async () => {
    const url = await vendor(() => {})

    expect(await http(url, 50)('GET', '/')).toEqual({ kind: 'no-answer', reason: 'TIME_OUT' })
  })

  test('is a time-out if the response stops in the middle', async () => {
    const url = await vendor((_request, response) => void response.writeHead(200).write('{'))

    expect(await http(url, 50)('GET', '/')).toEqual({ kind: 'no-answer', reason: 'TIME_OUT' })
  })

  test('is a lost connection if the vendor resets it', async () => {
    const url = await vendor((request) => request.socket.resetAndDestroy())

    expect(await http(url)('GET', '/')).toEqual({ kind: 'no-answer', reason: 'CONNECTION_LOST' })
  })

  test('is a lost connection if the response breaks off', async () => {
    const url = await vendor((request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{', () => request.socket.destroy())
    })

    expect(await http(url)('GET', '/')).toEqual({ kind: 'no-answer', reason: 'CONNECTION_LOST' })
  })
})

test.each(['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
  'a certificate that is refused (%s) is no connection: the request was never sent',
  async (code) => {
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: { code } }))
    const client = createVendorHttp({
      auth: 'bearer',
      url: 'https://vendor.invalid',
      timeoutMs: 1,
      credential: async () => '',
      fetch,
      now: () => t0,
    })

    expect(await client('GET', '/')).toEqual({ kind: 'not-connected' })
  },
)

describe('an answer', () => {
  test('of a megabyte is read', async () => {
    const url = await vendor(answer(200, JSON.stringify('x'.repeat(1024 * 1024 - 2))))

    expect(await http(url)('GET', '/')).toMatchObject({ body: expect.stringMatching(/^x+$/) })
  })

  test('that is longer is read no further, and has no body for us', async () => {
    let sent = 0
    const url = await vendor(async (_request, response) => {
      const chunk = Buffer.alloc(64 * 1024, 'x')
      while (!response.destroyed && sent < 64 * 1024 * 1024) {
        sent += chunk.length
        if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')])
      }
    })

    expect(await http(url)('GET', '/')).toMatchObject({ kind: 'answer', status: 200, body: undefined })
    expect(sent).toBeLessThan(32 * 1024 * 1024)
  })
})

describe('Retry-After', () => {
  test.each([
    ['seconds', '120', 120_000],
    ['no seconds', '0', 0],
    ['a date', new Date(t0 + 90_000).toUTCString(), 90_000],
    ['a date that is past', new Date(t0 - 90_000).toUTCString(), 0],
    ['nothing that we understand', 'soon', undefined],
  ])('of %s is understood', async (_, header, retryAfterMs) => {
    const url = await vendor(answer(429, '', { 'retry-after': header }))

    expect(await http(url)('GET', '/')).toMatchObject({ status: 429, retryAfterMs })
  })
})

describe('the credential', () => {
  /** Answers 200 to one credential only, and remembers how it was read. */
  async function guarded(valid: string, refusal = 401) {
    const reads: boolean[] = []
    const url = await vendor((request, response) =>
      response.writeHead(request.headers.authorization === `Bearer ${valid}` ? 200 : refusal).end(),
    )
    const credential = async (afresh: boolean) => {
      reads.push(afresh)
      return afresh ? 'new' : 'old'
    }
    return { reads, client: http(url, 2000, credential) }
  }

  test('is read once if it is valid', async () => {
    const { client, reads } = await guarded('old')

    expect(await client('GET', '/')).toMatchObject({ status: 200 })
    expect(reads).toEqual([false])
  })

  test.each([401, 403])('is read again once after a %d, since it may have been rotated', async (refusal) => {
    const { client, reads } = await guarded('new', refusal)

    expect(await client('GET', '/')).toMatchObject({ status: 200 })
    expect(reads).toEqual([false, true])
  })

  test('that is refused twice stays refused: no third call', async () => {
    const { client, reads } = await guarded('another')

    expect(await client('POST', '/', {}, 'key')).toMatchObject({ status: 401 })
    expect(reads).toEqual([false, true])
  })

  test('that cannot be read again after a refusal leaves it at that: nothing was done', async () => {
    const url = await vendor(answer(401))
    const credential = async (afresh: boolean) => {
      if (afresh) throw new Error('No secret')
      return 'old'
    }

    expect(await http(url, 2000, credential)('POST', '/', {}, 'key')).toMatchObject({ status: 401 })
  })

  test('that no header can hold throws before anything is sent: the vendor has done nothing', async () => {
    const calls: unknown[] = []
    const url = await vendor((request, response) => response.end(calls.push(request)))

    await expect(http(url, 2000, async () => 'line\nline', 'bearer')('GET', '/')).rejects.toThrow(
      'invalid header value',
    )
    expect(calls).toEqual([])
  })

  test('that cannot be read is the only other thing that a call throws', async () => {
    const client = http('http://127.0.0.1:1', 50, () => Promise.reject(new Error('No secret')))

    await expect(client('GET', '/')).rejects.toThrow('No secret')
  })
})

describe('an OAuth token', () => {
  const client = { client_id: 'c', client_secret: 's', refresh_token: 'r' }
  const tokens = (...values: string[]) =>
    values.map((value): [number, object] => [200, { access_token: value, expires_in: 3600 }])

  /** A vendor that accepts some tokens, and a token endpoint with scripted answers, then none. */
  async function world(
    answers: [number, object | string][],
    { taken = ['1'], secrets = [client] as unknown[] } = {},
  ) {
    const asked: object[] = []
    const calls: (string | undefined)[] = []
    let now = t0
    const url = await vendor(async (request, response) => {
      if (request.url === '/token') {
        asked.push(Object.fromEntries(new URLSearchParams(Buffer.concat(await request.toArray()).toString())))
        const [status, body] = answers.shift() ?? [0, '']
        if (status === 0) return
        response.writeHead(status, { 'retry-after': '7' })
        response.end(typeof body === 'string' ? body : JSON.stringify(body))
        return
      }
      const { authorization } = request.headers
      calls.push(authorization)
      const own = request.headers['x-amz-access-token']
      const isTaken = taken.some((token) => authorization === `Bearer ${token}` || own === token)
      response.writeHead(isTaken ? 200 : 403).end(JSON.stringify(request.headers))
    })
    const credential = async (afresh: boolean) => {
      if (afresh && secrets.length > 1) secrets.shift()
      return typeof secrets[0] === 'string' ? secrets[0] : JSON.stringify(secrets[0])
    }
    const create = (auth: object = {}) =>
      createVendorHttp({
        url,
        timeoutMs: answers.length > 0 ? 2000 : 50,
        auth: { tokenUrl: `${url}/token`, ...auth },
        credential,
        fetch: globalThis.fetch,
        now: () => now,
      })
    return { asked, calls, create, http: create(), pass: (ms: number) => (now += ms) }
  }

  test('is asked for by the secret once, however many calls there are, and goes with each', async () => {
    const { http, asked, calls } = await world(tokens('1'))

    await Promise.all([http('GET', '/'), http('GET', '/')])
    await http('POST', '/', {}, 'key')

    expect(asked).toEqual([{ grant_type: 'refresh_token', ...client }])
    expect(calls).toEqual(['Bearer 1', 'Bearer 1', 'Bearer 1'])
  })

  test('of a client without a refresh token is asked for by its own credentials', async () => {
    const own = { client_id: 'c', client_secret: 's', scope: 'ship' }
    const { http, asked } = await world(tokens('1'), { secrets: [own] })

    await http('GET', '/')

    expect(asked).toEqual([{ grant_type: 'client_credentials', ...own }])
  })

  test('goes into the header that the config names', async () => {
    const { create } = await world(tokens('1'))

    expect(await create({ header: 'x-amz-access-token' })('GET', '/')).toMatchObject({
      status: 200,
      body: { 'x-amz-access-token': '1' },
    })
  })

  test('is renewed a minute before it ends, and by one call for all', async () => {
    const { http, asked, calls, pass } = await world(tokens('1', '2'), { taken: ['1', '2'] })
    await http('GET', '/')
    pass(3_539_999)
    await http('GET', '/')
    pass(1)

    await Promise.all([http('GET', '/'), http('GET', '/')])

    expect(asked).toHaveLength(2)
    expect(calls).toEqual(['Bearer 1', 'Bearer 1', 'Bearer 2', 'Bearer 2'])
  })

  test('that the vendor refuses is asked for again once, by the secret as it is then', async () => {
    const rotated = { ...client, client_secret: 'new' }
    const { http, asked, calls } = await world(tokens('1', '2'), { taken: ['2'], secrets: [client, rotated] })

    expect(await http('POST', '/', {}, 'key')).toMatchObject({ status: 200 })
    expect(asked).toMatchObject([{ client_secret: 's' }, { client_secret: 'new' }])
    expect(calls).toEqual(['Bearer 1', 'Bearer 2'])
  })

  test('that is refused and cannot be had again leaves the refusal', async () => {
    const { http } = await world([...tokens('1'), [401, {}]], { taken: [] })

    expect(await http('GET', '/')).toMatchObject({ status: 401 })
  })

  const ours = { kind: 'answer', status: 401, body: undefined, retryAfterMs: undefined }
  const unreached = { kind: 'not-connected' }
  test.each<[string, [number, object | string][], object]>([
    ['the client is unknown', [[401, { error: 'invalid_client' }]], ours],
    ['the grant is not valid any more', [[400, { error: 'invalid_grant' }]], ours],
    ['there is no such endpoint', [[404, '<html>']], ours],
    ['the answer is no token', [[200, '<html>']], ours],
    ['it fails', [[500, {}]], unreached],
    ['it does not answer', [], unreached],
    ['it gets too many calls', [[429, {}]], { kind: 'answer', status: 429, retryAfterMs: 7000 }],
  ])('is not to be had where %s: the vendor was asked nothing', async (_, answers, reply) => {
    // A refusal is tried once more, by the secret as it is then.
    const { http, calls } = await world([...answers, ...answers])

    expect(await http('POST', '/', {}, 'key')).toMatchObject(reply)
    expect(calls).toEqual([])
  })

  test.each(['no JSON', { client_id: 'c' }])('cannot be obtained if the secret is %j', async (secret) => {
    const { http, asked, calls } = await world(tokens('1'), { secrets: [secret] })

    expect(await http('GET', '/')).toEqual(ours)
    expect([asked, calls]).toEqual([[], []])
  })

  test('that was not to be had is asked for by the next call', async () => {
    const { http, calls } = await world([[500, {}], ...tokens('1')])
    await http('GET', '/')

    expect(await http('GET', '/')).toMatchObject({ status: 200 })
    expect(calls).toEqual(['Bearer 1'])
  })
})
