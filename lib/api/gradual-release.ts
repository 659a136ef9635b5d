import { Validations } from 'aws-cdk-lib'
import { type IMetric, MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy'
import type { Alias } from 'aws-cdk-lib/aws-lambda'
import type { ServiceFunction } from '../functions/service-function.ts'
import { fiveMinutes, minute, serviceMetric } from '../observability/metrics.ts'
import type { Observability } from '../observability/observability.ts'

/** Longer than a cold start takes, in ms. */
export const slowestMs = 1000
const failedPercent = 5

/** Sends a new version 10 % of the calls for ten minutes. Alarms on this version alone roll it back. */
export function releaseGradually(service: ServiceFunction, alias: Alias, observability: Observability): void {
  const { functionName, currentVersion } = service.function
  const { version } = currentVersion
  // One version's calls through an alias: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
  const dimensionsMap = {
    FunctionName: functionName,
    Resource: `${functionName}:${alias.aliasName}`,
    ExecutedVersion: version,
  }
  const ofVersion = { ...fiveMinutes, dimensionsMap }
  const invocations = alias.metricInvocations(ofVersion)
  const alarm = (id: string, does: string, metric: IMetric, threshold: number, periods: number) =>
    observability.alarm(service, id, {
      // A new alarm for each version: an updated one keeps its state, and would roll back the version that fixes it.
      name: `${functionName}-${version}-${id}`,
      description: `The newest version of ${service.name} ${does}.`,
      runbookHeading: 'A new version is bad',
      metric,
      threshold,
      periods,
    })
  // A rate, since 1,000 calls per second always have some failures; two failures in a quiet hour do not count.
  const alarmOnRate = (id: string, does: string, failed: Metric) => {
    const expression = 'IF(failed > 2, 100 * failed / invocations, 0)'
    const rate = new MathExpression({ expression, usingMetrics: { failed, invocations }, ...fiveMinutes })
    return alarm(id, `${does} in more than ${failedPercent} % of its calls`, rate, failedPercent, 1)
  }
  const failures = serviceMetric('RequestsFailed', { service, dimensions: { version }, statistic: 'Sum' })
  const latency = alias.metricDuration({ dimensionsMap, statistic: 'p99', ...minute })
  const release = new LambdaDeploymentGroup(service, 'GradualRelease', {
    alias,
    deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
    alarms: [
      alarmOnRate('VersionCrashes', 'crashes', alias.metricErrors(ofVersion)),
      alarmOnRate('VersionFails', 'answers 500', failures.with(fiveMinutes)),
      alarm('VersionSlow', `takes more than ${slowestMs} ms for 1 % of its calls`, latency, slowestMs, 5),
    ],
  })
  // The alias must not change before the alarms watch its new version.
  alias.node.addDependency(release)
  Validations.of(release).acknowledge({
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
    reason: "CDK gives every deployment group's role this policy; only the CodeDeploy service can assume it.",
  })
}
