import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { bundleFolder } from '../../lib/functions/bundle.ts'
import { synthesize } from './synth.ts'
import { resources } from './templates.ts'

const folder = mkdtempSync(join(tmpdir(), 'create-order-synth-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('prod synthesizes without a warning, through all checks of CDK and cdk-nag', async () => {
  expect(await synthesize({ env: 'prod' }, folder)).toBe('')
}, 60_000)

test.each([
  [{ env: 'qa' }, 'There is no environment "qa": -c env is one of dev, staging, prod.'],
  [{ speed: 'fast' }, '-c speed=fast is wrong: it is a number of at least 1 that divides every wait.'],
])('synth with %j fails with a sentence', async (context, sentence) => {
  await expect(synthesize(context, folder)).rejects.toMatchObject({
    stderr: expect.stringContaining(sentence),
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
