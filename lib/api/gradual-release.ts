import { Validations } from 'aws-cdk-lib'
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy'
import type { Alias } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'

/**
 * Gives a new version of a function a tenth of its calls for ten minutes, and then the rest. An alarm within that
 * time gives all of them back to the version before it, and fails the deployment.
 */
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
