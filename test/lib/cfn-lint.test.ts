import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { assemblyFolder } from './synth.ts'

/** https://github.com/aws-cloudformation/cfn-lint, a Python program: CI has it, a laptop may not. */
const isInstalled = spawnSync('cfn-lint', ['--version']).status === 0
const deployRole = join(import.meta.dirname, '..', '..', '.github', 'deploy-role.yaml')

const templatesOf = (name: string): string[] =>
  readdirSync(assemblyFolder(name))
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => join(assemblyFolder(name), file))

const testWhereInstalled = isInstalled ? test : test.skip
testWhereInstalled(
  'CloudFormation has nothing against the templates',
  () => {
    // The other assemblies have the same resources as prod, with other numbers.
    const files = [deployRole, ...['prod', 'adopted'].flatMap(templatesOf)]
    // CDK names the dependency of a function on its role twice: W3005.
    const { stdout, status } = spawnSync('cfn-lint', ['--ignore-checks', 'W3005', '--', ...files], {
      encoding: 'utf8',
    })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  },
  120_000,
)
