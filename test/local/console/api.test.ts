import { afterEach, expect, jest, test } from '@jest/globals'
import { pageModule } from './page.ts'

const { api } = await pageModule('api')
const { fetch: realFetch } = globalThis
afterEach(() => {
  globalThis.fetch = realFetch
})

/** A server that issues and accepts a single token. */
const serverWith = (token: string) => {
  const fetched = jest.fn<typeof fetch>(async (path, init) => {
    if (path === '/_local/token') return Response.json({ token })
    const isKnown = new Headers(init?.headers).get('authorization') === `Bearer ${token}`
    return isKnown ? Response.json({ path }) : Response.json({ message: 'Unauthorized' }, { status: 401 })
  })
  globalThis.fetch = fetched
  return fetched
}

test('a token from before a restart of the server is renewed once', async () => {
  serverWith('first')
  expect((await api('GET', '/orders')).answer).toEqual({ path: '/orders' })
  const restarted = serverWith('second')

  expect((await api('GET', '/orders')).answer).toEqual({ path: '/orders' })
  expect(restarted.mock.calls.map(([path]) => path)).toEqual(['/orders', '/_local/token', '/orders'])
})

test('a server that does not respond is reported, and asked for a token again later', async () => {
  serverWith('third')
  globalThis.fetch = async () => {
    throw new TypeError('Failed to fetch')
  }
  await expect(api('GET', '/orders')).rejects.toThrow('The embedded cloud does not respond.')
  serverWith('fourth')

  expect((await api('GET', '/orders')).answer).toEqual({ path: '/orders' })
})
