import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createVendorHttp, type VendorAuth } from '../../../lambdas/adapters/vendor-http.ts'
import { t0 } from '../../builders.ts'

let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  server = undefined
})

/** Starts a vendor that answers as the listener does; answers its URL. */
async function vendor(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port')
  return `http://127.0.0.1:${address.port}`
}

const http = (
  baseUrl: string,
  timeoutMs = 2000,
  credential = async (_afresh: boolean) => 'secret',
  auth: VendorAuth = 'bearer',
) => createVendorHttp({ baseUrl, timeoutMs, auth, credential, fetch: globalThis.fetch, now: () => t0 })

const answer = (status: number, body = '', headers: Record<string, string> = {}): RequestListener => {
  return (_request, response) => response.writeHead(status, headers).end(body)
}

describe('a call', () => {
  test('posts JSON with credential and key, and answers what came back', async () => {
    let seen: unknown
    const url = await vendor(async (request, response) => {
      const { method, url: path, headers } = request
      const { authorization, accept, 'content-type': type, 'idempotency-key': key } = headers
      seen = { method, path, authorization, accept, type, key, body: await request.toArray() }
      response.writeHead(201).end('{"id": "1"}')
    })

    const reply = await http(url).post('/things', { ref: 'ä' }, 'key-1')

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

    expect(await http(url, 2000, async () => credential, auth).get('/')).toMatchObject({ body: headers })
  })

  test('gets without a body', async () => {
    const url = await vendor((request, response) =>
      response.end(JSON.stringify([request.method, request.url])),
    )

    expect(await http(url).get('/things/1')).toMatchObject({ body: ['GET', '/things/1'] })
  })

  test('follows no redirect', async () => {
    const url = await vendor(answer(307, '', { location: '/elsewhere' }))

    expect(await http(url).get('/')).toMatchObject({ kind: 'answer', status: 307 })
  })

  test.each(['', '<html>', '{"id":'])('whose body is %j is answered without one', async (body) => {
    const url = await vendor(answer(200, body))

    expect(await http(url).get('/')).toMatchObject({ kind: 'answer', status: 200, body: undefined })
  })
})

describe('a way that fails', () => {
  test('is no connection where nobody listens: the vendor certainly did nothing', async () => {
    const url = await vendor(answer(200))
    server?.close()

    expect(await http(url).get('/')).toEqual({ kind: 'not-connected' })
  })

  test('is no connection where the name does not exist', async () => {
    expect(await http('http://vendor.invalid').get('/')).toEqual({ kind: 'not-connected' })
  })

  test('is a time-out where no answer comes', async () => {
    const url = await vendor(() => {})

    expect(await http(url, 50).get('/')).toEqual({ kind: 'no-answer', reason: 'TIME_OUT' })
  })

  test('is a time-out where the answer stops in the middle', async () => {
    const url = await vendor((_request, response) => void response.writeHead(200).write('{'))

    expect(await http(url, 50).get('/')).toEqual({ kind: 'no-answer', reason: 'TIME_OUT' })
  })

  test('is a lost connection where the vendor resets it', async () => {
    const url = await vendor((request) => request.socket.resetAndDestroy())

    expect(await http(url).get('/')).toEqual({ kind: 'no-answer', reason: 'CONNECTION_LOST' })
  })

  test('is a lost connection where the answer breaks off', async () => {
    const url = await vendor((request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{', () => request.socket.destroy())
    })

    expect(await http(url).get('/')).toEqual({ kind: 'no-answer', reason: 'CONNECTION_LOST' })
  })
})

test.each(['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
  'a certificate that is refused (%s) is no connection: the request was never sent',
  async (code) => {
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: { code } }))
    const client = createVendorHttp({
      auth: 'bearer',
      baseUrl: 'https://vendor.invalid',
      timeoutMs: 1,
      credential: async () => '',
      fetch,
      now: () => t0,
    })

    expect(await client.get('/')).toEqual({ kind: 'not-connected' })
  },
)

describe('an answer', () => {
  test('of a megabyte is read', async () => {
    const url = await vendor(answer(200, JSON.stringify('x'.repeat(1024 * 1024 - 2))))

    expect(await http(url).get('/')).toMatchObject({ body: expect.stringMatching(/^x+$/) })
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

    expect(await http(url).get('/')).toMatchObject({ kind: 'answer', status: 200, body: undefined })
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

    expect(await http(url).get('/')).toMatchObject({ status: 429, retryAfterMs })
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

  test('is read once where it is good', async () => {
    const { client, reads } = await guarded('old')

    expect(await client.get('/')).toMatchObject({ status: 200 })
    expect(reads).toEqual([false])
  })

  test.each([401, 403])('is read again once after a %d, since it may have been rotated', async (refusal) => {
    const { client, reads } = await guarded('new', refusal)

    expect(await client.get('/')).toMatchObject({ status: 200 })
    expect(reads).toEqual([false, true])
  })

  test('that is refused twice stays refused: no third call', async () => {
    const { client, reads } = await guarded('another')

    expect(await client.post('/', {}, 'key')).toMatchObject({ status: 401 })
    expect(reads).toEqual([false, true])
  })

  test('that cannot be read is the only thing that a call throws', async () => {
    const client = http('http://127.0.0.1:1', 50, () => Promise.reject(new Error('No secret')))

    await expect(client.get('/')).rejects.toThrow('No secret')
  })
})
