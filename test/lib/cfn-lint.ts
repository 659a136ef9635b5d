import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

/** https://github.com/aws-cloudformation/cfn-lint, a Python program: CI has it, a laptop may not. */
const isInstalled = spawnSync('cfn-lint', ['--version']).status === 0
if (!isInstalled) console.warn('Skipped: cfn-lint is not installed (pipx install cfn-lint).')

/** The paths of a cloud assembly's templates. */
export const templatesIn = (assembly: string): string[] =>
  readdirSync(assembly)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => join(assembly, file))

/** A test that cfn-lint finds nothing in these files; it is skipped where cfn-lint is not installed. */
export const testWithCfnLint = (name: string, files: () => string[]): void =>
  (isInstalled ? test : test.skip)(
    name,
    () => {
      // CDK names the dependency of a function on its role twice: W3005.
      const { stdout, status } = spawnSync('cfn-lint', ['--ignore-checks', 'W3005', '--', ...files()], {
        encoding: 'utf8',
      })
      expect(stdout).toBe('')
      expect(status).toBe(0)
    },
    120_000,
  )
