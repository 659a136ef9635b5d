import { expect, test } from '@jest/globals'
import { type Resource, resources, template } from './templates.ts'

const [[aliasId, alias]] = resources('prod', 'stateless', 'AWS::Lambda::Alias') as [[string, Resource]]
const [[groupId, group]] = resources('prod', 'stateless', 'AWS::CodeDeploy::DeploymentGroup') as [
  [string, Resource],
]

test('in prod a new version of create-order gets a tenth of the clicks for ten minutes first', () => {
  expect(aliasId).toMatch(/^ApiCreateOrder/)
  expect((alias as Resource & { UpdatePolicy: unknown }).UpdatePolicy).toEqual({
    CodeDeployLambdaAliasUpdate: {
      ApplicationName: expect.anything(),
      DeploymentGroupName: { Ref: groupId },
    },
  })
  expect(group.Properties.DeploymentConfigName).toBe('CodeDeployDefault.LambdaCanary10Percent10Minutes')
})

test('the clicks go to the alias, so that a release can divide them', () => {
  const integrations = resources('prod', 'stateless', 'AWS::ApiGatewayV2::Integration')
  const [, create] = integrations.find(([id]) => /POSTorders[^a-z]*CreateOrder/.test(id)) as [
    string,
    Resource,
  ]
  expect(create.Properties.IntegrationUri).toEqual({ Ref: aliasId })
})

test('server errors, slowness and crashes of create-order take a release back, and within its time', () => {
  const alarms = new Map(resources('prod', 'stateless', 'AWS::CloudWatch::Alarm'))
  const { AlarmConfiguration, AutoRollbackConfiguration } = group.Properties
  expect(AutoRollbackConfiguration).toEqual({
    Enabled: true,
    Events: expect.arrayContaining(['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM']),
  })
  expect(AlarmConfiguration.Enabled).toBe(true)
  const watched = AlarmConfiguration.Alarms.map(({ Name }: { Name: { Ref: string } }) => Name.Ref)
  expect(watched).toEqual([
    expect.stringMatching(/^ApiServerErrors/),
    expect.stringMatching(/^ApiSlow/),
    expect.stringMatching(/^ApiCreateOrderCrashes/),
  ])
  for (const id of watched) {
    const { Period, EvaluationPeriods } = alarms.get(id)?.Properties ?? {}
    expect(Period * EvaluationPeriods).toBeLessThanOrEqual(5 * 60)
  }
})

test('only prod releases gradually', () => {
  for (const assembly of ['dev', 'staging'] as const)
    template(assembly, 'stateless').resourceCountIs('AWS::CodeDeploy::DeploymentGroup', 0)
})
