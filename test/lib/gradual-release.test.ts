import { describe, expect, test } from '@jest/globals'
import { Match } from 'aws-cdk-lib/assertions'
import { loadSettings } from '../../bin/environments.ts'
import { stacksOf } from './stacks.ts'
import { type Resource, resources, template } from './templates.ts'

const [[aliasId, alias]] = resources('prod', 'stateless', 'AWS::Lambda::Alias') as [
  [string, Resource & { UpdatePolicy: unknown; DependsOn: string[] }],
]
const [[groupId, group]] = resources('prod', 'stateless', 'AWS::CodeDeploy::DeploymentGroup') as [
  [string, Resource],
]

test('in prod a new version of create-order gets a tenth of the clicks for ten minutes first', () => {
  expect(aliasId).toMatch(/^ApiCreateOrder/)
  expect(alias.UpdatePolicy).toEqual({
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

describe('the alarms that take a release back', () => {
  const { AlarmConfiguration, AutoRollbackConfiguration } = group.Properties
  const watched: string[] = AlarmConfiguration.Alarms.map(({ Name }: { Name: { Ref: string } }) => Name.Ref)
  const all = new Map(resources('prod', 'stateless', 'AWS::CloudWatch::Alarm'))
  const alarms = watched.map((id) => all.get(id)?.Properties)
  const functionName = { Ref: expect.stringMatching(/^ApiCreateOrderFunction/) }
  const version = {
    'Fn::GetAtt': [expect.stringMatching(/^ApiCreateOrderFunctionCurrentVersion/), 'Version'],
  }
  const statsOf = (alarm: Resource['Properties']) =>
    alarm.Metrics?.flatMap(({ MetricStat }: Resource['Properties']) => MetricStat?.Metric ?? []) ?? [alarm]

  test('are on crashes, on answers of 500 and on slowness', () => {
    expect(AlarmConfiguration.Enabled).toBe(true)
    expect(AutoRollbackConfiguration).toEqual({
      Enabled: true,
      Events: expect.arrayContaining(['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM']),
    })
    expect(watched.map((id) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual([
      'ApiCreateOrderVersionCrashes',
      'ApiCreateOrderVersionFails',
      'ApiCreateOrderVersionSlow',
    ])
    expect(alarms.flatMap(statsOf).map(({ MetricName }) => MetricName)).toEqual([
      ...['Errors', 'Invocations', 'RequestsFailed', 'Invocations', 'Duration'],
    ])
  })

  test('look at the calls of the new version, and at no others', () => {
    for (const { Namespace, Dimensions } of alarms.flatMap(statsOf))
      expect(Dimensions).toEqual(
        Namespace === 'AWS/Lambda'
          ? [
              { Name: 'ExecutedVersion', Value: version },
              { Name: 'FunctionName', Value: functionName },
              { Name: 'Resource', Value: { 'Fn::Join': ['', [functionName, ':live']] } },
            ]
          : [
              { Name: 'service', Value: 'create-order' },
              { Name: 'version', Value: version },
            ],
      )
  })

  test('are new ones for each version, before the alias gets it, whatever is on when it goes out', () => {
    for (const { AlarmName } of alarms)
      expect(AlarmName).toEqual({ 'Fn::Join': ['', [functionName, '-', version, expect.any(String)]] })
    expect(alias.DependsOn).toContain(groupId)
  })

  test('take slowness for a fault of the version only where it lasts for five minutes', () => {
    expect(alarms[2]).toMatchObject({
      ExtendedStatistic: 'p99',
      Period: 60,
      EvaluationPeriods: 5,
      Threshold: 1000,
    })
  })

  /** The alarm's expression, with CloudWatch's IF. */
  const rate = (expression: string, failed: number, invocations: number): number =>
    new Function('IF', 'failed', 'invocations', `return ${expression}`)(
      (condition: boolean, yes: number, no: number) => (condition ? yes : no),
      failed,
      invocations,
    )

  test.each([
    [2, 2, false],
    [6, 300_000, false],
    [14_999, 300_000, false],
    [3, 50, true],
    [15_001, 300_000, true],
  ])('%i failures of %i calls in five minutes: %s', (failed, invocations, isBad) => {
    const onRates = alarms.filter(({ Metrics }) => Metrics !== undefined)
    expect(onRates).toHaveLength(2)
    for (const { Metrics, Threshold, EvaluationPeriods, TreatMissingData } of onRates) {
      const [{ Expression }] = Metrics
      expect(rate(Expression, failed, invocations) > Threshold).toBe(isBad)
      expect({ EvaluationPeriods, TreatMissingData }).toEqual({
        EvaluationPeriods: 1,
        TreatMissingData: 'notBreaching',
      })
    }
    const periods = onRates.flatMap(({ Metrics }) =>
      Metrics.flatMap(({ MetricStat }: Resource['Properties']) => MetricStat?.Period ?? []),
    )
    expect(new Set(periods)).toEqual(new Set([300]))
  })
})

test('a release past them is one without an alias: clicks go straight to the function', () => {
  const { provisionedConcurrency, ...prod } = loadSettings('prod')
  const { stateless } = stacksOf({ ...prod, gradualRelease: false })

  stateless.resourceCountIs('AWS::Lambda::Alias', 0)
  stateless.resourceCountIs('AWS::CodeDeploy::DeploymentGroup', 0)
  stateless.hasResourceProperties('AWS::ApiGatewayV2::Integration', {
    IntegrationUri: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ApiCreateOrderFunction'), 'Arn'] },
  })
})

test('only prod releases gradually', () => {
  for (const assembly of ['dev', 'staging'] as const)
    template(assembly, 'stateless').resourceCountIs('AWS::CodeDeploy::DeploymentGroup', 0)
})
