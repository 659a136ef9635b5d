import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, jest, test } from '@jest/globals'

// Thousands of runs on all cores: half a minute, and more where others want the cores as well.
jest.setTimeout(300_000)

const simulation = fileURLToPath(new URL('main.ts', import.meta.url))

/** The fast subset of one part, in a process of its own, since it puts virtual time in the place of the machine's. */
async function simulate(part: 'cuts' | 'random' | 'mutants'): Promise<string> {
  const { stdout } = spawn(process.execPath, [simulation, '--fast', '--only', part], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return text(stdout)
}

test('one order survives every cut of its way', async () => {
  expect(await simulate('cuts')).toContain('Everything holds')
})

test('orders survive random worlds in which much goes wrong at once', async () => {
  expect(await simulate('random')).toContain('Everything holds')
})

test('the simulation finds the bugs that somebody might write', async () => {
  const report = await simulate('mutants')
  expect(report).toContain(' 0 survived')
  expect(report).toContain('Everything holds')
})
