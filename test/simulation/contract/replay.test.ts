import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import * as z from 'zod'
import { AwsError } from '../../../local/services/aws-service.ts'
import { createDynamoDb } from '../../../local/services/dynamodb.ts'
import { until } from '../../until.ts'
import { tables } from './engines.ts'

const simulate = fileURLToPath(new URL('../main.ts', import.meta.url))
const json = z.record(z.string(), z.unknown())
const recordedCall = z.object({ seed: z.number(), action: z.string(), input: json, answer: json })
const described = z.object({ Table: z.object({ TableStatus: z.string() }) })
const worlds = 6

async function recorded() {
  const { stdout } = await promisify(execFile)(process.execPath, [simulate, '--record', `${worlds}`], {
    maxBuffer: 1e9,
  })
  return stdout
    .trim()
    .split('\n')
    .map((line) => recordedCall.parse(JSON.parse(line)))
}

async function newEngine() {
  const engine = createDynamoDb()
  for (const table of tables('')) {
    await engine.call('CreateTable', table)
    await until(
      () => engine.call('DescribeTable', { TableName: table.TableName }),
      (answer) => described.parse(answer).Table.TableStatus === 'ACTIVE',
      { everyMs: 0 },
    )
  }
  return engine
}

/** Sorts the items of a response, because engines differ in the order of items that the keys do not order. */
const sorted = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (_, value: unknown) =>
    Array.isArray(value) && value.every((item) => json.safeParse(item).data?.orderId)
      ? value.sort((a, b) => (JSON.stringify(a.orderId) < JSON.stringify(b.orderId) ? -1 : 1))
      : value,
  )

test('dynalite responds to every call of simulated worlds like the model', async () => {
  const calls = await recorded()
  expect(new Set(calls.map(({ action }) => action)).size).toBeGreaterThan(5)
  const engines = new Map<number, Awaited<ReturnType<typeof newEngine>>>()
  for (const { seed, action, input, answer } of calls) {
    const engine = engines.get(seed) ?? (await newEngine())
    engines.set(seed, engine)
    const said = await engine.call(action, input).catch((error: unknown) => {
      if (!(error instanceof AwsError)) throw error
      return { code: error.code, ...error.fields }
    })
    const [theirs, ours] = [sorted(said), sorted(answer)]
    if (!isDeepStrictEqual(theirs, ours))
      expect({ action, input, answer: theirs }).toEqual({ action, input, answer: ours })
  }
})
