import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { codeBlocks, documents } from '../docs/documents.ts'
import { sampleOrder } from '../e2e/orders.ts'
import { until } from '../until.ts'

const root = join(import.meta.dirname, '..', '..')

const start = (args: string[] = [], env: object = {}) =>
  spawn(process.execPath, ['ops/orderctl.ts', 'start', ...args], {
    cwd: root,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** Waits for the process to end. @returns its exit code and stderr */
async function ended(child: ReturnType<typeof start>): Promise<{ code: number; errors: string }> {
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk) => errors.push(chunk))
  const [code] = await once(child, 'close')
  return { code, errors: String(Buffer.concat(errors)) }
}

/** The shell blocks of a document that call the embedded cloud, joined. */
const shellOf = (document: string): string =>
  codeBlocks(document)
    .filter(
      ({ language, text }) => language === 'sh' && text.includes('curl ') && text.includes('localhost:3000'),
    )
    .map(({ text }) => text)
    .join('')

describe('npm start', () => {
  let emulator: ChildProcess
  let temporary: string
  const lines: string[] = []
  const printed = (name: string) => lines.find((line) => line.startsWith(name))?.split(/ {2,}/)[1] ?? ''

  beforeAll(async () => {
    temporary = mkdtempSync(join(tmpdir(), 'start-test-'))
    emulator = start([], { TMPDIR: temporary })
    createInterface({ input: emulator.stderr as NodeJS.ReadableStream }).on('line', (line) =>
      lines.push(line),
    )
    for await (const line of createInterface({ input: emulator.stdout as NodeJS.ReadableStream })) {
      lines.push(line)
      if (line.startsWith('Ready')) break
    }
  })
  afterAll(() => {
    emulator.kill('SIGKILL')
    rmSync(temporary, { recursive: true, force: true })
  })

  test('prints its URLs and credentials', () => {
    expect(printed('API')).toMatch(/^http:\/\/localhost:\d+$/)
    expect(printed('Console')).toBe(`${printed('API')}/`)
    expect(printed('API docs')).toBe(`${printed('API')}/docs`)
    expect(printed('Place an order')).toBe(`npx orderctl demo --port ${new URL(printed('API')).port}`)
    expect(printed('AWS endpoint')).toMatch(new RegExp(`^${printed('API')}\\b`))
    expect(lines.at(-1)).toMatch(/^Ready/)
  })

  test('prints a command that places an order when it is pasted', async () => {
    const command = printed('Place an order').replace(/^npx orderctl/, `${process.execPath} ops/orderctl.ts`)

    const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: root })

    expect(stdout).toContain('READY_FOR_FULFILLMENT')
  })

  test('prints the same trouble of many orders once, and then the number of others', async () => {
    const set = async (faults: object) =>
      fetch(`${printed('API')}/_local/vendors/logistics`, { method: 'PUT', body: JSON.stringify(faults) })
    const body = JSON.stringify({ sub: 'shop-1', scope: 'orders/write' })
    const answer = await fetch(`${printed('API')}/_local/token`, { method: 'POST', body })
    const { token } = (await answer.json()) as { token: string }
    await set({ down: true })

    for (let number = 0; number < 20; number++)
      await fetch(`${printed('API')}/orders`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(sampleOrder(`trouble-${number}`, number)),
      })
    const isTrouble = (line: string) => /^(WARN|ERROR) logistics-worker/.test(line)
    const isSum = (line: string) => /: [1-9]\d* more$/.test(line)
    const told = await until(
      () => lines.filter(isTrouble),
      (all) => all.some(isSum),
    )
    await set({ down: false })

    const single = told.slice(0, told.findIndex(isSum)).map((line) => line.replace(/, ord_\w+$/, ''))
    expect(single).toEqual([...new Set(single)])
    expect(single).toContain(told.find(isSum)?.replace(/: \d+ more$/, ''))
  })

  test.each(documents.filter((document) => shellOf(document) !== ''))(
    'answers every curl of %s',
    async (document) => {
      // Any response other than a success ends the shell.
      const strict = 'set -eu; curl() { command curl --fail --silent --show-error "$@"; }'
      const commands = shellOf(document).replaceAll(/(?:http:\/\/)?localhost:3000/g, printed('API'))

      const { stdout } = await promisify(execFile)('sh', ['-c', `${strict}\n${commands}`])
      expect(stdout).not.toBe('')
    },
  )

  test('is healthy, and answers its control API', async () => {
    const get = async (path: string) => (await fetch(printed('API') + path)).json()
    expect(await get('/health')).toEqual({ status: 'ok' })
    const { queues } = (await get('/_local/queues')) as { queues: { name: string }[] }
    expect(queues.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['LogisticsCarrier/Queue', 'WmsWarehouse/Queue']),
    )
    expect(await get('/_local/vendors/wms')).toMatchObject({ down: false })
    const killed = await fetch(`${printed('API')}/_local/functions/create-order/kill`, { method: 'POST' })
    expect(await killed.json()).toEqual({ killed: 1 })
    expect(await get('/_local/vendors/nobody')).toEqual({ message: 'There is no vendor nobody.' })
    const events = (await get('/_local/events')) as { events: unknown[] }
    expect(events.events[0]).toMatchObject({ 'detail-type': 'ORDER_CREATED' })
  })

  test('refuses unknown input to its control API by name', async () => {
    const ask = async (method: string, path: string, body: unknown) => {
      const init = { method, body: JSON.stringify(body) }
      const response = await fetch(`${printed('API')}/_local${path}`, init)
      return { status: response.status, ...((await response.json()) as { message: string }) }
    }
    const wrong = { status: 400, message: expect.stringContaining('downn') }
    expect(await ask('PUT', '/vendors/wms', { downn: true })).toEqual(wrong)
    expect(await ask('POST', '/token', { sub: 'x' })).toMatchObject({ status: 400 })
    expect(await ask('POST', '/events/drop', { count: -1 })).toMatchObject({ status: 400 })
  })

  test.each([
    ['GET', '/%ff', 400],
    ['GET', '/console/', 403],
    ['GET', '/console/%2e%2e%2fcloud.ts', 404],
    ['GET', '/console/nothing.js', 404],
    ['GET', '/_local/vendors/constructor', 404],
    ['GET', '/_local/orders?from=x', 400],
    ['GET', '/_local/orders?q=a&q=b', 400],
    ['PUT', '/_local/vendors/wms', 400],
    ['POST', '/_local/operator', 400],
    ['POST', '/_local/token', 400],
    ['DELETE', '/orders', 404],
  ])('answers %s %s, with a body that is not JSON, with %d', async (method, path, status) => {
    const init = { method, ...(method !== 'GET' && { body: '{' }) }
    expect((await fetch(printed('API') + path, init)).status).toBe(status)
  })

  test('stops cleanly, and leaves nothing behind', async () => {
    expect(readdirSync(temporary)).toHaveLength(1)
    emulator.kill('SIGTERM')
    expect(await once(emulator, 'exit')).toEqual([0, null])
    expect(readdirSync(temporary)).toEqual([])
    await expect(fetch(`${printed('API')}/health`)).rejects.toThrow()
  })

  test('can be stopped while it is starting', async () => {
    const early = start([], { TMPDIR: temporary })
    await until(
      () => readdirSync(temporary),
      ({ length }) => length > 0,
    )
    early.kill('SIGINT')
    expect(await once(early, 'exit')).toEqual([0, null])
    expect(existsSync(temporary) && readdirSync(temporary)).toEqual([])
  })

  test.each([
    [['--sped', '2'], {}, "unknown option '--sped'"],
    [['--speed', '0'], {}, "'0' is invalid. It must be a number of at least 1."],
    [['--vendor', 'carrier'], {}, "'carrier' is invalid. It must be NAME=URL."],
    [['--inspect', 'carrier-worker'], {}, 'There is no function carrier-worker: cancel-order, '],
    [['--port', 'abc'], {}, "'abc' is invalid. It must be a whole number up to 65535."],
    [[], { PORT: 'abc' }, "'abc' from env 'PORT' is invalid. It must be a whole number up to 65535."],
  ])('refuses %j with %j with a sentence', async (args, env, sentence) => {
    const refused = await ended(start(args, env))
    expect(refused).toMatchObject({ code: 2, errors: expect.stringContaining(sentence) })
    expect(refused.errors).not.toContain('    at ')
  })

  test('says in a sentence that its port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    try {
      expect(await ended(start([], { PORT: String(port) }))).toEqual({
        code: 1,
        errors: `local: http://localhost:${port}, account 000000000000, us-east-1\nPort ${port} is in use: choose another with --port or PORT.\n`,
      })
    } finally {
      taken.close()
    }
  })
})
