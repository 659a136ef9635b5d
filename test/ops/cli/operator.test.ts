import { Readable } from 'node:stream'
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import type { EnvironmentName } from '../../../ops/cli/environment.ts'
import { begin } from '../../../ops/cli/operator.ts'

const sts = mockClient(STSClient)
const logs = mockClient(CloudWatchLogsClient)
/** https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html: as from IAM Identity Center. */
const Arn = 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Operator_0123456789abcdef/jo@example.com'
const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')
let asked: string

beforeEach(() => {
  sts.reset()
  logs.reset()
  sts.on(GetCallerIdentityCommand).resolves({ Arn, Account: '111122223333' })
  logs.on(CreateLogStreamCommand).resolves({}).on(PutLogEventsCommand).resolves({})
  asked = ''
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    asked += text
    return true
  })
})
afterEach(() => {
  jest.restoreAllMocks()
  if (stdin) Object.defineProperty(process, 'stdin', stdin)
})

/** Simulates a terminal at which this is typed, or no terminal. */
function atTerminal(typed: string | undefined): void {
  const value = Object.assign(Readable.from(typed === undefined ? [] : [typed]), {
    isTTY: typed !== undefined,
  })
  Object.defineProperty(process, 'stdin', { value, configurable: true })
}

const environment = (name: EnvironmentName) => ({
  name,
  sts: new STSClient({}),
  logs: new CloudWatchLogsClient({}),
  operatorLog: 'operators-log',
})
const question = 'Order ord_1 of prod is CREATED. It will be cancelled at once.'
const action = { command: 'order cancel', about: { orderId: 'ord_1' }, question }
const note = 'the buyer called'
const logged = () =>
  logs.commandCalls(PutLogEventsCommand).map(({ args: [{ input }] }) => ({
    logGroup: input.logGroupName,
    line: JSON.parse(input.logEvents?.[0]?.message ?? ''),
  }))

describe("an operator's action", () => {
  test('is logged before it is done: who, what and why', async () => {
    const actor = await begin(environment('staging'), action, { note, yes: true })

    expect(actor).toEqual({ by: 'operator', who: Arn, note })
    expect(logged()).toEqual([
      {
        logGroup: 'operators-log',
        line: { message: 'order cancel', about: { orderId: 'ord_1' }, by: 'operator', who: Arn, note },
      },
    ])
    const stream = logs.commandCalls(CreateLogStreamCommand)[0]?.args[0].input.logStreamName
    expect(logs.commandCalls(PutLogEventsCommand)[0]?.args[0].input.logStreamName).toBe(stream)
  })

  test('is refused if it cannot be logged, or the operator is unknown', async () => {
    logs.on(PutLogEventsCommand).rejects(new Error('not authorized'))
    await expect(begin(environment('dev'), action, { note, yes: true })).rejects.toMatchObject({
      exitCode: 1,
      message: "The operators' log cannot be written, so nothing was done: Error: not authorized",
    })

    sts.on(GetCallerIdentityCommand).rejects(new Error('The security token is expired'))
    await expect(begin(environment('dev'), action, { note, yes: true })).rejects.toThrow('token is expired')
  })

  test('is by "local" in the embedded cloud, which has no identities', async () => {
    expect(await begin(environment('local'), action, { note, yes: true })).toEqual({
      by: 'operator',
      who: 'local',
      note,
    })
    expect(sts.calls()).toEqual([])
  })

  test.each<[EnvironmentName, string, boolean]>([
    ['staging', 'y\n', true],
    ['staging', 'Yes\n', true],
    ['staging', '\n', false],
    ['staging', 'n\n', false],
    ['staging', 'staging\n', false],
    ['prod', 'prod\n', true],
    ['prod', 'y\n', false],
    ['prod', 'staging\n', false],
  ])('needs confirmation: in %s the answer %j continues: %j', async (name, typed, isGoingOn) => {
    atTerminal(typed)

    const begun = begin(environment(name), action, { note }).then(
      () => true,
      ({ message }) => message,
    )

    expect(await begun).toBe(isGoingOn || 'Nothing was done.')
    expect(asked).toContain(question)
    expect(logged()).toHaveLength(isGoingOn ? 1 : 0)
  })

  test('needs confirmation in prod even if it is harmless elsewhere', async () => {
    const redrive = { ...action, isHarmless: true }
    atTerminal('n\n')
    await expect(begin(environment('staging'), redrive, { note })).resolves.toMatchObject({ who: Arn })
    expect(asked).toBe('')

    await expect(begin(environment('prod'), redrive, { note })).rejects.toThrow('Nothing was done.')

    expect(asked).toContain(`${question} Type the environment's name to go on: `)
    expect(logged()).toHaveLength(1)
  })

  test("needs prod's name in prod, unless --yes has that name", async () => {
    atTerminal('y\n')
    await expect(begin(environment('prod'), action, { note, yes: true })).rejects.toThrow('Nothing was done.')
    atTerminal('y\n')
    await expect(begin(environment('prod'), action, { note, yes: 'dev' })).rejects.toThrow(
      'Nothing was done.',
    )

    expect(await begin(environment('prod'), action, { note, yes: 'prod' })).toMatchObject({ who: Arn })
  })

  test.each<[EnvironmentName, true | EnvironmentName | undefined, string]>([
    ['dev', undefined, 'pass --yes.'],
    ['dev', 'prod', 'pass --yes.'],
    ['prod', undefined, 'pass --yes=prod.'],
    ['prod', true, 'pass --yes=prod.'],
  ])('is refused without a terminal: in %s with --yes %j', async (name, yes, advice) => {
    atTerminal(undefined)

    await expect(begin(environment(name), action, { note, yes })).rejects.toMatchObject({
      exitCode: 2,
      message: `${question} This needs confirmation, and there is no terminal: ${advice}`,
    })
    expect(logged()).toEqual([])
  })

  test('is asked about without executing text that others wrote', async () => {
    atTerminal('n\n')
    const forged = { ...action, question: 'Order \u001b[2J\n(y/N) y' }

    await expect(begin(environment('dev'), forged, { note })).rejects.toThrow('Nothing was done.')

    expect(asked).toContain('Order \\u{1b}[2J\\u{a}(y/N) y Go on? (y/N) ')
  })
})
