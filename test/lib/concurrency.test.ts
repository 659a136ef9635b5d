import { expect, test } from '@jest/globals'
import { loadSettings } from '../../bin/environments.ts'
import { stacksOf } from './stacks.ts'
import { resources } from './templates.ts'

test.each(['dev', 'staging', 'prod', 'adopted'] as const)(
  'no function of %s reserves concurrency, which an account with a low quota would refuse',
  (assembly) => {
    const functions = resources(assembly, 'stateless', 'AWS::Lambda::Function')
    expect(functions).not.toHaveLength(0)
    for (const [, { Properties }] of functions)
      expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions')
  },
)

test.each(['dev', 'staging'] as const)('in %s no concurrency is provisioned', (assembly) => {
  expect(JSON.stringify(resources(assembly, 'stateless', 'AWS::Lambda::Alias'))).not.toContain('Provisioned')
})

test('one line of the config provisions concurrency, and without it prod is as it was otherwise', () => {
  const { provisionedConcurrency, ...prod } = loadSettings('prod')
  expect(provisionedConcurrency).toBeGreaterThan(0)

  const provisioned = stacksOf({ ...prod, provisionedConcurrency: 3 }).stateless.toJSON().Resources
  const without = stacksOf(prod).stateless.toJSON().Resources

  const [id = ''] = Object.keys(provisioned).filter((each) => provisioned[each].Type === 'AWS::Lambda::Alias')
  const { ProvisionedConcurrencyConfig, ...others } = provisioned[id].Properties
  expect(ProvisionedConcurrencyConfig).toEqual({ ProvisionedConcurrentExecutions: 3 })
  expect(without).toEqual({ ...provisioned, [id]: { ...provisioned[id], Properties: others } })
})
