import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type ActivityEvent, createActivity } from '../../../local/activity.ts'
import { createLambda, type Lambda } from '../../../local/services/lambda.ts'
import type { LogLine } from '../../../local/services/lambda-instances.ts'
import { until } from '../../until.ts'
import { bringUp } from '../emulated.ts'

const withinMs = 20_000

const handlers = `
let calls = 0
exports.echo = async (event, context) => ({ event, context, remaining: context.getRemainingTimeInMillis() })
exports.env = async () => ({ ...process.env })
exports.count = async () => ({ pid: process.pid, calls: ++calls })
exports.fails = async () => { throw new TypeError('no such thing') }
exports.hangs = () => new Promise(() => {})
exports.heapMb = async () => require('node:v8').getHeapStatistics().heap_size_limit / 2 ** 20
exports.options = async () => process.execArgv
exports.dies = () => process.exit(3)
exports.logs = async () => { console.log('out'); console.error('err') }
exports.waits = ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms, process.pid))
`

describe('a function', () => {
  let folder: string
  let lambda: Lambda
  let seen: ActivityEvent[]
  let lines: LogLine[]

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lambda-test-'))
    writeFileSync(join(folder, 'worker.cjs'), handlers)
    writeFileSync(join(folder, 'broken.cjs'), 'throw new Error("cannot load")')
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  afterEach(() => lambda.close())

  const create = async (handler: string, properties: object = {}, inspect?: string) => {
    seen = []
    lines = []
    const activity = createActivity().on('activity', (event) => seen.push(event))
    lambda = createLambda({
      endpoint: 'http://127.0.0.1:1',
      activity,
      credentialsOf: (name, role) => ({
        accessKeyId: `key of ${name}, ${role}`,
        secretAccessKey: 'secret',
        sessionToken: 'token',
      }),
      onLog: (line) => lines.push(line),
      inspect,
    })
    const base = { Handler: handler, Runtime: 'nodejs24.x', Role: 'role-arn', Code: {} }
    await bringUp(lambda.resources, 'AWS::Lambda::Function', 'fn', { ...base, ...properties }, folder)
    return lambda.get('arn:aws:lambda:us-east-1:000000000000:function:fn')
  }
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  /** Polls until a process is gone, because only its parent gets an exit event. */
  const gone = (pid: number) =>
    until(
      () => isAlive(pid),
      (alive) => !alive,
      { withinMs },
    )

  test('gets the event, and the context that Lambda gives', async () => {
    const { invoke } = await create('worker.echo', { Timeout: 5, MemorySize: 256 })
    const { payload, failed } = await invoke({ Records: [1] })
    expect(failed).toBe(false)
    expect(payload).toMatchObject({
      event: { Records: [1] },
      context: {
        functionName: 'fn',
        memoryLimitInMB: '256',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    })
    const { remaining } = payload as { remaining: number }
    expect(remaining).toBeGreaterThan(4000)
    expect(remaining).toBeLessThanOrEqual(5000)
  })

  // The old generation and three semi-spaces, whose size V8 rounds up to a power of two.
  test.each([
    [256, 231 + 3 * 4],
    [1024, 922 + 3 * 32],
  ])('has a heap for %i MB of memory, whatever this machine has', async (MemorySize, heapMb) => {
    const { invoke } = await create('worker.heapMb', { MemorySize })
    expect(await invoke({})).toMatchObject({ payload: heapMb })
  })

  test('gets new processes when it is retired, and running invocations finish', async () => {
    const { invoke, retire } = await create('worker.waits')
    const { payload: first } = await invoke({ ms: 0 })
    const underWay = invoke({ ms: 300 })

    retire()
    const { payload: second } = await invoke({ ms: 0 })

    expect(second).not.toBe(first)
    expect(await underWay).toEqual({ payload: first, failed: false })
    await gone(Number(first))
  })

  test('opens a debugger port on request, in one process without a time-out', async () => {
    const inspected = await create('worker.options', { Timeout: 1 }, 'worker')
    expect(await inspected.invoke({})).toMatchObject({
      payload: expect.arrayContaining(['--inspect=127.0.0.1:9229', '--enable-source-maps']),
    })
    lambda.close()

    const slow = await create('worker.waits', { Timeout: 1 }, 'worker')
    const both = await Promise.all([slow.invoke({ ms: 1100 }), slow.invoke({ ms: 0 })])

    expect(both[0]).toMatchObject({ failed: false })
    expect(both[1]).toEqual(both[0])
  })

  test("sees the template's environment and Lambda's own, and nothing of this machine's", async () => {
    const { invoke } = await create('worker.env', { Environment: { Variables: { TABLE: 'orders' } } })
    const { payload } = await invoke({}, 'Root=1-2-3')
    expect(payload).toMatchObject({
      TABLE: 'orders',
      AWS_LAMBDA_FUNCTION_NAME: 'fn',
      AWS_ACCESS_KEY_ID: 'key of fn, role-arn',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_REGION: 'us-east-1',
      _X_AMZN_TRACE_ID: 'Root=1-2-3',
    })
    expect(payload).not.toHaveProperty('HOME')
  })

  test('with a name that is too long is kept distinct by the end of the name', async () => {
    await create('worker.count')
    const properties = { Handler: 'worker.count', Runtime: 'nodejs24.x', Role: 'role-arn', Code: {} }
    for (const end of ['0A1B2C3D', '4E5F6A7B'])
      await bringUp(lambda.resources, 'AWS::Lambda::Function', `${'long'.repeat(16)}${end}`, properties)

    expect(lambda.functions().map(({ name }) => name)).toEqual([
      'fn',
      `${'long'.repeat(14)}0A1B2C3D`,
      `${'long'.repeat(14)}4E5F6A7B`,
    ])
  })

  test('keeps its process from one invocation to the next', async () => {
    const { invoke } = await create('worker.count')
    const first = (await invoke({})).payload as { pid: number }
    expect((await invoke({})).payload).toEqual({ pid: first.pid, calls: 2 })
  })

  test('runs concurrently up to its concurrency limit; other invocations wait', async () => {
    const { invoke, kill } = await create('worker.hangs', { ReservedConcurrentExecutions: 2, Timeout: 60 })
    const invocations = Promise.all([1, 2, 3].map(() => invoke({})))
    const started = (count: number) =>
      until(
        () => seen.filter(({ type }) => type === 'invoke-start').length,
        (number) => number >= count,
        { withinMs },
      )
    expect(await started(2)).toBe(2)
    kill()
    await started(3)
    kill()
    await invocations
  })

  test('starts its processes one at a time, because a laptop has few cores', async () => {
    const { invoke, kill } = await create('worker.count')
    const invocations = Promise.all([1, 2, 3].map(() => invoke({})))

    expect(kill()).toBe(1)
    expect((await invocations).map(({ failed }) => failed)).toEqual([true, false, false])
  })

  test('that throws fails with its error, and keeps its process', async () => {
    const { invoke } = await create('worker.fails')
    const { payload, failed } = await invoke({})
    expect({ payload, failed }).toMatchObject({
      failed: true,
      payload: { errorType: 'TypeError', errorMessage: 'no such thing', trace: expect.any(Array) },
    })
    expect(seen.at(-1)).toMatchObject({
      type: 'invoke-end',
      function: 'worker',
      error: 'no such thing',
    })
    await invoke({})
    expect(lambda.logs.list()).toHaveLength(2)
  })

  test('is killed when it times out, and gets a new process', async () => {
    const { invoke } = await create('worker.hangs', { Timeout: 1 })
    const timedOut = {
      failed: true,
      payload: { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 1.00 seconds' },
    }
    expect(await invoke({})).toEqual(timedOut)
    expect(await invoke({})).toEqual(timedOut)
  })

  test('that exits fails only its current invocation', async () => {
    const { invoke } = await create('worker.dies')
    const exited = { failed: true, payload: { errorMessage: 'Runtime exited with error: exit status 3' } }
    expect(await invoke({})).toMatchObject(exited)
    expect(await invoke({})).toMatchObject(exited)
  })

  test('that cannot be loaded fails each invocation, and its log says why', async () => {
    const { invoke } = await create('broken.handler')
    expect(await invoke({})).toMatchObject({ failed: true, payload: { errorType: 'Runtime.ExitError' } })
    const log = lines.map(({ line }) => line).join()
    expect(log).toContain('cannot load')
    expect(log).toContain('Runtime exited with error: exit status 1')
    lambda.close()
    const missing = await create('missing.handler')
    expect(await missing.invoke({})).toMatchObject({ failed: true })
  })

  test('can be killed in the middle of its work', async () => {
    const { invoke, kill } = await create('worker.waits')
    const { payload: pid } = await invoke({ ms: 0 })
    const invocation = invoke({ ms: 60_000 })
    expect(kill()).toBe(1)
    expect(await invocation).toMatchObject({
      payload: { errorMessage: 'Runtime exited with error: signal: SIGKILL' },
    })
    expect((await invoke({ ms: 0 })).payload).not.toBe(pid)
  })

  test('writes its log', async () => {
    const { invoke } = await create('worker.logs')
    await invoke({})
    await until(
      () => lines,
      ({ length }) => length >= 2,
      { withinMs },
    )
    expect(lines.map(({ function: name, line }) => `${name}: ${line}`).sort()).toEqual([
      'worker: err',
      'worker: out',
    ])
  })

  test('ends with the emulator, even if that is killed', async () => {
    const script = `
      import { createActivity } from './local/activity.ts'
      import { createLambda } from './local/services/lambda.ts'
      const lambda = createLambda({ endpoint: '', activity: createActivity(), credentialsOf: () => ({}), onLog() {} })
      await lambda.resources['AWS::Lambda::Function']({ name: 'fn', assetPath: process.env.FOLDER, properties: {
        Handler: 'worker.count', Runtime: 'nodejs24.x', Role: '', Code: {} } })
      console.log((await lambda.get('fn').invoke({})).payload.pid)`
    const emulator = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, FOLDER: folder },
    })
    const [pid] = await once(createInterface({ input: emulator.stdout }), 'line')
    expect(isAlive(Number(pid))).toBe(true)
    emulator.kill('SIGKILL')
    await gone(Number(pid))
  })
})
