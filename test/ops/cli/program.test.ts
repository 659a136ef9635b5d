import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Rejection } from '../../../lambdas/application/rejection.ts'
import { CommandError } from '../../../ops/cli/command-error.ts'
import { durationArgument } from '../../../ops/cli/format.ts'
import {
  createProgram,
  newAction,
  newCommand,
  positiveArgument,
  print,
  type Report,
  run,
  tellPlace,
} from '../../../ops/cli/program.ts'

let out: string[]
let err: string[]
beforeEach(() => {
  out = []
  err = []
  jest.spyOn(console, 'log').mockImplementation((text) => void out.push(text))
  jest.spyOn(console, 'error').mockImplementation((text) => void err.push(text))
})
afterEach(() => {
  jest.restoreAllMocks()
  process.exitCode = 0
})

/** Runs a tool with one command that does `work`; returns its exit code. */
async function tool(args: string[], work: () => Promise<Report>): Promise<unknown> {
  const program = createProgram().configureOutput({
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void err.push(text),
  })
  newCommand(program.command('tool'), 'go')
    .option('--older-than <duration>', 'how old', durationArgument)
    .option('--rate <n>', 'how fast', positiveArgument)
    .action(async (options) => print(await work(), options, { endpoint: 'http://localhost:3000' }))
  await run(program, ['node', 'orderctl', 'tool', ...args])
  return process.exitCode ?? 0
}
const done = async (): Promise<Report> => ({ lines: ['done'], json: { done: true } })

describe('a tool', () => {
  test('prints its report as text', async () => {
    expect(await tool(['go'], done)).toBe(0)
    expect(out).toEqual(['done'])
  })

  test('shows text that others wrote without letting the terminal execute it, in a report and in an error', async () => {
    const forged = 'R-1\u001b[2J\nWhat to do:\n  - nothing'
    const shown = 'R-1\\u{1b}[2J\\u{a}What to do:\\u{a}  - nothing'
    await tool(['go'], async () => ({ lines: ['first', forged], json: {} }))
    await tool(['go'], () => Promise.reject(new Error(forged)))
    await tool(['go', '--json'], () => Promise.reject(new Error('\u009b2J')))
    expect(err).toEqual([shown, '\\u{9b}2J'])
    expect(out).toEqual([`first\n${shown}`, expect.stringContaining('"message": "\\u009b2J"')])
  })

  test('prints one JSON document with --json', async () => {
    expect(await tool(['go', '--json'], done)).toBe(0)
    expect(JSON.parse(out.join())).toEqual({ endpoint: 'http://localhost:3000', done: true })
  })

  test('exits with 1 if part of the work was not done', async () => {
    expect(await tool(['go'], async () => ({ ...(await done()), incomplete: true }))).toBe(1)
  })

  test.each([
    ['failed', 1],
    ['usage', 2],
    ['notFound', 3],
  ] as const)('ends with the exit code of the error: %s is %i', async (end, exitCode) => {
    const work = async () => {
      throw new CommandError(end, 'one sentence')
    }
    expect(await tool(['go'], work)).toBe(exitCode)
    expect([out, err]).toEqual([[], ['one sentence']])
  })

  test.each([
    ['not-found', 3],
    ['conflict', 1],
    ['unavailable', 1],
  ] as const)('ends with what the API would refuse: %s is %i', async (kind, exitCode) => {
    expect(await tool(['go'], () => Promise.reject(new Rejection(kind, 'one sentence')))).toBe(exitCode)
    expect([out, err]).toEqual([[], ['one sentence']])
  })

  test('also prints its error as JSON with --json', async () => {
    const work = async () => {
      throw new CommandError('notFound', 'one sentence')
    }
    expect(await tool(['go', '--json'], work)).toBe(3)
    expect(JSON.parse(out.join())).toMatchObject({ error: { message: 'one sentence', exitCode: 3 } })
  })

  test('names the environment and its endpoint in the document of an early error', async () => {
    const work = () => Promise.reject(new CommandError('failed', 'nothing listens'))
    await tool(['go', '--json', '--port', '3001'], work)
    await tool(['go', '--json', '--env', 'dev'], work)
    expect(out.map((document) => JSON.parse(document))).toMatchObject([
      { environment: 'local', endpoint: 'http://localhost:3001', error: { message: 'nothing listens' } },
      { environment: 'dev', endpoint: 'AWS', error: { message: 'nothing listens' } },
    ])
  })

  test('exits with 1 on an unexpected error', async () => {
    const work = async () => {
      throw new TypeError('a bug')
    }
    expect(await tool(['go'], work)).toBe(1)
    expect(err).toEqual(['a bug'])
  })

  test.each([
    { args: ['go', '--oops'], names: "unknown option '--oops'" },
    { args: ['stop'], names: "unknown command 'stop'" },
    { args: ['go', '--env', 'moon'], names: "'moon' is invalid" },
    { args: ['go', '--older-than', '2 weeks'], names: 'such as 15m or 2h' },
    { args: ['go', '--rate', '0'], names: 'It must be a positive number' },
    { args: ['go', '--port', 'abc'], names: 'It must be a whole number up to 65535' },
    { args: ['go', '--port', '70000'], names: 'It must be a whole number up to 65535' },
    { args: ['go', 'there'], names: 'too many arguments' },
    { args: [], names: 'Usage: npx orderctl tool' },
  ])('exits with 2 on wrong usage and names it: $args', async ({ args, names }) => {
    expect(await tool(args, done)).toBe(2)
    expect(err.join('')).toContain(names)
  })

  test('also prints wrong usage as JSON with --json', async () => {
    expect(await tool(['go', '--json', '--oops'], done)).toBe(2)
    expect(JSON.parse(out.join())).toMatchObject({
      error: { message: "error: unknown option '--oops'", exitCode: 2 },
    })
  })

  test('says in its error document where it acted', async () => {
    const place = {
      environment: 'local',
      account: '1',
      region: 'r',
      endpoint: 'http://localhost:3000',
    } as const
    const work = async () => {
      tellPlace(place)
      throw new CommandError('failed', 'one sentence')
    }

    await tool(['go', '--json'], work)

    expect(JSON.parse(out.join())).toEqual({ ...place, error: { message: 'one sentence', exitCode: 1 } })
    expect(err).toEqual(['local: http://localhost:3000, account 1, r', 'one sentence'])
  })

  test.each([
    { args: ['--note', 'x', '--yes', 'ord_1'], yes: true },
    { args: ['ord_1', '--note', 'x', '--yes'], yes: true },
    { args: ['--note', 'x', '--yes=prod', 'ord_1'], yes: 'prod' },
    { args: ['--note', 'x', 'ord_1'], yes: undefined },
  ])('does not take the word after --yes for an environment: $args', async ({ args, yes }) => {
    const program = createProgram()
    const called = jest.fn()
    newAction(program.command('tool'), 'do')
      .argument('<orderId>')
      .action((orderId, options) => {
        called(orderId, options.yes)
      })

    await run(program, ['node', 'orderctl', 'tool', 'do', ...args])

    expect(called.mock.calls).toEqual([['ord_1', yes]])
  })

  test.each([[['--help']], [['go', '--help']]])('prints its usage and exit codes: %j', async (args) => {
    expect(await tool(args, done)).toBe(0)
    expect(out.join('')).toContain('Usage: npx orderctl tool')
    expect(out.join('')).toContain('Exit codes: 0 done, 1 failed or partly done')
  })
})
