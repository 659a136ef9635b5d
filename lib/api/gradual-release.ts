import { Validations } from 'aws-cdk-lib'
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy'
import type { Alias } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'

/** Gives a new version a tenth of the calls for ten minutes; an alarm within that time rolls it back. */
export function releaseGradually(scope: Construct, alias: Alias, alarms: IAlarm[]): void {
  const release = new LambdaDeploymentGroup(scope, 'GradualRelease', {
    alias,
    deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
    alarms,
  })
  Validations.of(release).acknowledge({
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
    reason: "CDK gives every deployment group's role this policy; only the CodeDeploy service can assume it.",
  })
}
