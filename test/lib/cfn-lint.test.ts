import { join } from 'node:path'
import { templatesIn, testWithCfnLint } from './cfn-lint.ts'
import { assemblyFolder } from './synth.ts'

const deployRole = join(import.meta.dirname, '..', '..', '.github', 'deploy-role.yaml')

// The other assemblies have the same resources as prod, with other numbers.
testWithCfnLint('CloudFormation has nothing against the templates', () => [
  deployRole,
  ...['prod', 'adopted'].map(assemblyFolder).flatMap(templatesIn),
])
