import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import { functionEnvironment } from '../../bench/floor/environment.ts'

const root = join(import.meta.dirname, '..', '..')
const placedBy = async (file: string) => {
  const script = join(import.meta.dirname, 'place-order.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [script, join(root, file)], {
    env: functionEnvironment,
  })
  return JSON.parse(stdout)
}

/** Every key of a value by its path. */
const keysOf = (value: unknown, path = ''): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, each]) => [`${path}/${key}`, ...keysOf(each, `${path}/${key}`)])
    : []

test('the bare handler that ours is measured against writes, publishes and answers the same', async () => {
  const [own, bare] = [
    await placedBy('lambdas/create-order.ts'),
    await placedBy('bench/floor/bare-create-order.ts'),
  ]

  expect(bare.answer.statusCode).toBe(201)
  expect(keysOf(own.stored)).toContain('/outboxEventId')
  expect(keysOf(bare).sort()).toEqual(keysOf(own).sort())
})
