import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { run } from '../../ops/cli/program.ts'
import { createOrderctl, tools } from '../../ops/orderctl.ts'

let out: string
beforeEach(() => {
  out = ''
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
})
afterEach(() => {
  jest.restoreAllMocks()
  process.exitCode = 0
})

const commands: string[][] = []
// Sequentially: Jest cannot link modules with top-level await at the same time.
for (const name of Object.keys(tools)) {
  const { commands: all } = await createOrderctl(name)
  const tool = all.find((each) => each.name() === name)
  commands.push([name], ...(tool?.commands ?? []).map((each) => [name, each.name()]))
}

describe('npx orderctl', () => {
  test('has these commands', () => {
    expect(commands.map((words) => words.join(' '))).toEqual([
      ...['start', 'demo'],
      ...[
        'order',
        'order list',
        'order show',
        'order cancel',
        'order settle',
        'order reroute',
        'order redact',
      ],
      ...['dlq', 'dlq list', 'dlq redrive', 'dlq discard'],
      ...['vendor', 'vendor status', 'vendor pause', 'vendor resume', 'vendor drain'],
      ...['token', 'smoke', 'capacity', 'cost'],
    ])
  })

  test.each([[[]], ...commands.map((words) => [words])])(
    'prints its usage and does nothing: %j --help',
    async (words) => {
      const request = jest.spyOn(globalThis, 'fetch')

      await run(await createOrderctl(words[0]), ['node', 'orderctl', ...words, '--help'])

      expect(process.exitCode ?? 0).toBe(0)
      expect(out).toContain(`Usage: ${['npx orderctl', ...words].join(' ')} `)
      expect(request).not.toHaveBeenCalled()
    },
  )
})
