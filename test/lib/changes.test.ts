import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Template } from 'aws-cdk-lib/assertions'
import { loadSettings } from '../../bin/environments.ts'
import { stacksOf } from './stacks.ts'

type Stacks = ReturnType<typeof stacksOf>

/** Every argument of an intrinsic function, wherever it is in a template. */
function argumentsOf(name: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => (key === name ? [child] : argumentsOf(name, child)))
}

const exportsOf = (template: Template): Map<unknown, string> =>
  new Map(
    Object.values(template.toJSON().Outputs ?? {})
      .map((output) => output as { Export?: { Name: string }; Value: unknown })
      .filter((output) => output.Export !== undefined)
      .map(({ Export, Value }) => [Export?.Name, JSON.stringify(Value)]),
  )

/** Why CloudFormation would refuse to update the stateful stack first and then the other one. */
function refusals(deployed: Stacks, next: Stacks): string[] {
  const [before, after] = [exportsOf(deployed.stateful), exportsOf(next.stateful)]
  const imported = argumentsOf('Fn::ImportValue', deployed.stateless.toJSON())
  const outputs = Object.keys(next.stateful.toJSON().Outputs)
  const read = argumentsOf('Fn::GetStackOutput', next.stateless.toJSON()).map(
    (argument) => (argument as { OutputName: string }).OutputName,
  )
  return [
    ...imported
      .filter((name) => before.get(name) !== after.get(name))
      .map((name) => `${name} is in use, and is removed or changed`),
    ...read.filter((name) => !outputs.includes(name)).map((name) => `There is no output ${name}`),
  ]
}

const prod = loadSettings('prod')
const withSecret = (secretArn: string) => ({
  ...prod,
  vendors: Object.fromEntries(
    Object.entries(prod.vendors).map(([name, vendor]) => [
      name,
      name === 'carrier' ? { ...vendor, secretArn } : vendor,
    ]),
  ),
})
const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:carrier-key-AbCdEf'
const issuer = 'https://issuer.example/'
const busArn = 'arn:aws:events:eu-central-1:111122223333:event-bus/company'

/** What a running environment's config is changed to, and the value that must reach the stateless stack. */
const changes: Record<string, { make: (context?: object) => Stacks; value: string }> = {
  'an issuer of its own': {
    make: (context) => stacksOf({ ...prod, jwt: { issuer, audience: ['orders'] } }, { ...context }),
    value: issuer,
  },
  "a vendor's existing secret": {
    make: (context) => stacksOf(withSecret(secretArn), { ...context }),
    value: secretArn,
  },
  'an existing bus': { make: (context) => stacksOf(prod, { busArn, ...context }), value: busArn },
}

const strong = { context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' } }
let running: Stacks
let runningStrong: Stacks
beforeAll(() => {
  running = stacksOf(prod)
  runningStrong = stacksOf(prod, strong)
}, 60_000)

describe.each(Object.entries(changes))('a running environment gets %s', (_, { make, value }) => {
  let changed: Stacks
  beforeAll(() => {
    changed = make()
  }, 60_000)

  test('in one deployment, and back', () => {
    expect(refusals(running, changed)).toEqual([])
    expect(refusals(changed, running)).toEqual([])
  })

  test('and the other stack gets the new value, since its own template changes with it', () => {
    expect(JSON.stringify(running.stateless.toJSON())).not.toContain(value)
    expect(JSON.stringify(changed.stateless.toJSON())).toContain(value)
  })

  test('which strong references would refuse', () => {
    expect(refusals(runningStrong, make(strong))).toContainEqual(expect.stringContaining('is in use'))
  }, 60_000)
})

test('an environment that was deployed with exports gives them up in two deployments, and cannot in one', () => {
  const both = stacksOf(prod, { context: { '@aws-cdk/core:defaultCrossStackReferences': 'both' } })

  expect(refusals(runningStrong, both)).toEqual([])
  expect(refusals(both, running)).toEqual([])
  expect(refusals(runningStrong, running)).not.toEqual([])
}, 60_000)

test('what is renamed in the stateful stack is read by another name in the other one', () => {
  const names = argumentsOf('Fn::GetStackOutput', running.stateless.toJSON()).map(
    (argument) => (argument as { OutputName: string }).OutputName,
  )
  const { Outputs } = running.stateful.toJSON()
  expect(names).not.toHaveLength(0)
  for (const name of names) {
    const { Ref, 'Fn::GetAtt': attribute } = Outputs[name].Value
    expect(name).toContain(Ref ?? attribute[0])
  }
})
