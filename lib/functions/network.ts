import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2'

/** An existing network that leads to the vendors, DynamoDB, EventBridge, SQS and Secrets Manager. */
export interface Network {
  vpc: IVpc
  /** The private subnets if not given. */
  subnets?: SubnetSelection
  /** One for each function, which lets everything out and nothing in, if not given. */
  securityGroups?: ISecurityGroup[]
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
export const networkInterfaceActions: readonly string[] = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]
