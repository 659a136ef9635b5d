import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { templatesIn, testWithCfnLint } from './cfn-lint.ts'
import { apps, synthesize } from './synth.ts'

const folder = mkdtempSync(join(tmpdir(), 'create-order-synth-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Every environment with nothing and with all of its own, each thing alone, and a second dev in the same account. */
const combinations = [
  ...['dev', 'dev2', 'staging', 'prod'].flatMap((env) => [
    { env, own: '' },
    { env, own: 'bus network issuer secrets' },
  ]),
  ...['bus', 'network', 'issuer', 'secrets'].map((own) => ({ env: 'prod', own })),
]
const assemblyOf = ({ env, own }: (typeof combinations)[number]) => join(folder, `${env} ${own}`)

describe.each(combinations)('$env with "$own" of its own', (combination) => {
  test('synthesizes through all checks of CDK and cdk-nag, with no warning but of what its config has not', async () => {
    const stderr = await synthesize(combination, assemblyOf(combination), {}, apps.adopted)

    const warnings = stderr.match(/WARNING|ERROR|error/g) ?? []
    const ofConfig = stderr.match(/Acknowledge with 'Annotation::create-order:\w+'/g) ?? []
    expect(warnings).toHaveLength(ofConfig.length)
  })
})

testWithCfnLint('CloudFormation has nothing against any of their templates', () =>
  combinations.map(assemblyOf).flatMap(templatesIn),
)
