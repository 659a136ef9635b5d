import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import packageJson from '../../package.json' with { type: 'json' }

/** The scripts in package.json that run one of our files, by name. */
const files = Object.entries(packageJson.scripts).flatMap(([name, command]) => {
  const [, file] = /^node ((?!node_modules)\S+\.ts)( start)?$/.exec(command) ?? []
  return file === undefined ? [] : [[name, command.split(' ').slice(1)] as const]
})

test.each(files)('npm run %s -- --help prints its usage and does nothing', (_, words) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...words, '--help'], {
    cwd: join(import.meta.dirname, '..', '..'),
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
    timeout: 25_000,
  })

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^(Usage: )?(node|npm run|npx) /)
})
