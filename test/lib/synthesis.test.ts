import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { loadSettings } from '../../bin/environments.ts'
import { bundleFolder } from '../../lib/functions/bundle.ts'
import { assemblyFolder, synthesize } from './synth.ts'
import { resources } from './templates.ts'

const folder = mkdtempSync(join(tmpdir(), 'create-order-synth-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The warnings in what a synth says, by their ids. */
const warningsIn = (stderr: string) =>
  [...stderr.matchAll(/WARNING (?:.|\n)*?'Annotation::create-order:(\w+)'\n*/g)].map(([, id]) => id)

/** What the config of staging and prod has not, as it is delivered. */
const missing = ['receiver', 'runbook', ...Object.keys(loadSettings('prod').vendors)]

test('prod synthesizes through all checks of CDK and cdk-nag, with no warning but of what its config has not', async () => {
  const stderr = await synthesize({ env: 'prod' }, folder)

  expect(warningsIn(stderr)).toEqual(missing)
  expect(stderr.match(/WARNING|ERROR|error/g)).toHaveLength(missing.length)
}, 60_000)

/** What the release's `cdk deploy --strict` refuses before it does anything. */
const refusedOf = (assembly: string) => {
  const cdk = join(import.meta.dirname, '..', '..', 'node_modules', 'aws-cdk', 'bin', 'cdk')
  const args = [cdk, 'synth', '--quiet', '--strict', '--app', assemblyFolder(assembly)]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, warnings: warningsIn(stderr) }
}

test('the release refuses staging and prod while nobody is told of alarms, these link no page, or vendors are examples', () => {
  for (const assembly of ['staging', 'prod'])
    expect(refusedOf(assembly)).toEqual({ status: 1, warnings: missing })
  expect(refusedOf('dev')).toEqual({ status: 0, warnings: [] })
}, 60_000)

test('synth with a wrong context fails with a sentence', async () => {
  await expect(synthesize({ speed: 'fast' }, folder)).rejects.toMatchObject({
    stderr: expect.stringContaining(
      '-c speed=fast is wrong: it must be a number of at least 1, which divides every wait.',
    ),
  })
})

test.each(
  resources('dev', 'stateless', 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.Handler),
)("%s is in its bundle, which asks nothing but the environment for the function's credentials", (handler) => {
  const name = handler.replace('.handler', '')
  const file = join(bundleFolder(name), `${name}.cjs`)
  const code = readFileSync(file, 'utf8')
  expect(code).toContain('handler:')
  for (const chain of ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI']) {
    expect(code).not.toContain(chain)
  }
  // Loading it gets as far as the function's environment, which this process does not have.
  expect(() => createRequire(import.meta.url)(file)).toThrow("The function's environment is wrong")
})
