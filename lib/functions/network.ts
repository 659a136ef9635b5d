import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2'

/**
 * An existing network for the functions to run in. It must lead to AWS and to the vendors: by a NAT gateway, or by
 * endpoints for DynamoDB, EventBridge, SQS and Secrets Manager and a way of its own to each vendor.
 */
export interface Network {
  vpc: IVpc
  /** The private subnets if not given. */
  subnets?: SubnetSelection
  /** One for each function, which lets everything out and nothing in, if not given. */
  securityGroups?: ISecurityGroup[]
}

/**
 * What Lambda needs to connect a function to a network; CDK adds it to roles of its own making only.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
export const networkInterfaceActions: readonly string[] = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]
