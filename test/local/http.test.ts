import { once } from 'node:events'
import { type OutgoingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createApp } from '../../local/http.ts'
import { listen } from '../../local/server.ts'

describe('the embedded cloud', () => {
  let server: Awaited<ReturnType<typeof listen>>
  const app = createApp()
  beforeAll(async () => {
    app.post('/_local/token', () => ({ token: 'minted' }))
    server = await listen(0)
    await server.open(app)
  })
  afterAll(() => server.close())

  /** Sends a request to the loopback address with any headers. It uses node:http because fetch cannot set Host. */
  const statusFor = async (headers: OutgoingHttpHeaders) => {
    const asked = request({
      host: '127.0.0.1',
      port: server.port,
      method: 'POST',
      path: '/_local/token',
      headers,
    })
    const [response] = await once(asked.end(), 'response')
    response.resume()
    return response.statusCode
  }

  test.each([
    ['a program', () => ({})],
    ['a program that calls it by name', () => ({ host: 'localhost:3000' })],
    ['its own page', () => ({ host: `127.0.0.1:${server.port}`, origin: `http://127.0.0.1:${server.port}` })],
  ])('serves %s', async (_who, headers) => {
    expect(await statusFor(headers())).toBe(200)
  })

  test.each([
    ['a site whose name resolves to this machine', { host: 'rebound.example:3000' }],
    ['a name that only begins like its own', { host: 'localhost.example' }],
    ["another site's page", { host: 'localhost:3000', origin: 'https://shop.example' }],
    ['a page of another local server', { host: 'localhost:3000', origin: 'http://localhost:8080' }],
    ['a page without an origin, such as a sandboxed frame', { host: 'localhost:3000', origin: 'null' }],
  ])('refuses %s', async (_who, headers) => {
    expect(await statusFor(headers)).toBe(403)
  })

  test('listens only on one address of the loopback interface', async () => {
    await expect(once(connect(server.port, '127.0.0.2'), 'connect')).rejects.toThrow()
  })
})
