import { Duration, Validations } from 'aws-cdk-lib'
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import * as iam from 'aws-cdk-lib/aws-iam'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Settings } from '../settings.ts'
import { bundleFolder } from './bundle.ts'

/** An existing network that reaches the vendors, DynamoDB, EventBridge, SQS and Secrets Manager. */
export interface Network {
  vpc: IVpc
  /** Default: the private subnets. */
  vpcSubnets?: SubnetSelection
  /** Default: one for each function, which allows all outbound and no inbound traffic. */
  securityGroups?: ISecurityGroup[]
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const networkInterfaceActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]

/** What differs between functions. */
export interface ServiceFunctionProps {
  settings: Settings
  /** The `service` dimension of its metrics, and its name in alarms and on the dashboard. */
  name: string
  /** Its file in lambdas/ without its extension. Default: the name. */
  file?: string
  environment: Record<string, string>
  /** Default: 10 seconds, since a buyer waits for the answer. */
  timeout?: Duration
  /** Default: 1,024, since CPU is proportional and a buyer waits. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
  memoryMb?: number
  /** Makes callers use an alias, for provisioned concurrency or gradual releases. */
  alias?: lambda.AliasOptions | undefined
  network?: Network | undefined
}

/** A function with our defaults: arm64, Node 24, X-Ray tracing, and its own log group and role. */
export class ServiceFunction extends Construct {
  readonly name: string
  /** The namespace of its metrics, one per environment, since environments may share an account. */
  readonly metricNamespace: string
  readonly function: lambda.Function
  readonly alias: lambda.Alias | undefined
  /** What to invoke: the alias if there is one, otherwise the function. */
  readonly target: lambda.IFunction
  private readonly role: iam.Role

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id)
    const { settings, name, file = name, environment, network } = props
    this.name = name
    this.metricNamespace = `CreateOrder/${settings.environment}`
    const logGroup = new LogGroup(this, 'Logs', { retention: settings.logRetentionDays })
    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') })
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn)
    this.function = new lambda.Function(this, 'Function', {
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: lambda.Code.fromAsset(bundleFolder(file)),
      handler: `${file}.handler`,
      role: this.role,
      logGroup,
      timeout: props.timeout ?? Duration.seconds(10),
      memorySize: props.memoryMb ?? 1024,
      tracing: lambda.Tracing.ACTIVE,
      ...network,
      environment: {
        ...environment,
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: this.metricNamespace,
        LOG_LEVEL: settings.logLevel,
      },
    })
    if (network) this.allow(networkInterfaceActions, '*')
    if (props.alias) this.alias = this.function.addAlias('live', props.alias)
    // Cast because CDK's class, under strict types, does not match its own interface in an optional member.
    this.target = (this.alias as lambda.IFunction | undefined) ?? this.function
    Validations.of(this.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'X-Ray, and network interfaces that do not exist yet, have no ARNs: xray:Put… and ec2:… accept only *.',
    })
  }

  /** Grants these actions only: CDK's `grant…` methods would add some that the function never calls. */
  allow(actions: readonly string[], ...resourceArns: string[]): void {
    this.role.addToPolicy(new iam.PolicyStatement({ actions: [...actions], resources: resourceArns }))
  }
}
