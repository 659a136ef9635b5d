import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const simulation = fileURLToPath(new URL('main.ts', import.meta.url))

/** Runs a suite's fast subset in a separate process, because it replaces the clock. One thread leaves a core to Jest. */
export async function simulate(
  suite: 'cuts' | 'random' | 'mutants' | 'loads',
  ...more: string[]
): Promise<string> {
  const { stdout } = spawn(
    process.execPath,
    [simulation, '--fast', '--only', suite, '--threads', '1', ...more],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  return text(stdout)
}
