import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'

const simulation = fileURLToPath(new URL('main.ts', import.meta.url))

/** The fast subset of one suite, in a process of its own: it replaces the clock. One thread leaves a core to Jest. */
async function simulate(suite: 'cuts' | 'random' | 'mutants' | 'loads'): Promise<string> {
  const { stdout } = spawn(process.execPath, [simulation, '--fast', '--only', suite, '--threads', '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return text(stdout)
}

test('one order survives a fault at every point of its way', async () => {
  expect(await simulate('cuts')).toContain('Everything holds')
})

test('orders survive random worlds with many faults at once', async () => {
  expect(await simulate('random')).toContain('Everything holds')
})

test('the simulation catches every mutant', async () => {
  const report = await simulate('mutants')
  expect(report).toContain(' 0 survived')
  expect(report).toContain('Everything holds')
})

test('many orders at once get on at the vendor’s pace, and bad ones do not delay good ones', async () => {
  expect(await simulate('loads')).toContain('Everything holds')
})
