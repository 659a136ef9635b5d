import { Aws, Stack, Validations } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { QueueWorker, type SharedProps } from './workers/queue-worker.ts'

const allow = (actions: string[], ...resources: string[]) => new PolicyStatement({ actions, resources })

/** The log of operators' actions, and policies for their roles to run the tools: docs/operations.md. */
export class Operators extends Construct {
  constructor(scope: Construct, id: string, { data, settings }: Pick<SharedProps, 'data' | 'settings'>) {
    super(scope, id)
    const { orderTable, circuitBreakerTable, bus } = data
    const stacks = [data, Stack.of(this)].map(({ stackName }) => `stack/${stackName}/*`)
    const cloudFormation = `arn:${Aws.PARTITION}:cloudformation:${Aws.REGION}:${Aws.ACCOUNT_ID}`
    const log = new LogGroup(this, 'Log', { retention: settings.logRetentionDays })
    const indexes = ['outbox', 'deadLetters', 'byOwner', 'byAwb'] as const
    const readOnly = [
      allow(
        ['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'],
        ...stacks.map((each) => `${cloudFormation}:${each}`),
      ),
      allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], orderTable.tableArn, circuitBreakerTable.tableArn),
      allow(['dynamodb:Query'], ...indexes.map((each) => orderTable.indexArn(each))),
    ]
    const support = [
      ...readOnly,
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], log.logGroupArn),
      allow(['dynamodb:UpdateItem'], orderTable.tableArn),
      allow(['events:PutEvents'], bus.eventBusArn),
    ]
    const workers = Stack.of(this)
      .node.findAll()
      .filter((each) => each instanceof QueueWorker)
    const dead = workers.flatMap((each) => [each.deadLetterQueue, each.undeliveredQueue])
    const operator = [
      ...support,
      allow(['dynamodb:UpdateItem'], circuitBreakerTable.tableArn),
      allow(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
        ...dead.map(({ queueArn }) => queueArn),
      ),
      allow(['sqs:SendMessage'], ...workers.map(({ queue }) => queue.queueArn)),
    ]
    new ManagedPolicy(this, 'ReadOnly', { statements: readOnly })
    new ManagedPolicy(this, 'Support', { statements: support })
    new ManagedPolicy(this, 'Operator', { statements: operator })
    for (const each of stacks)
      Validations.of(this).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:${each}]`,
        reason: "CloudFormation generates the last part of a stack's id when it creates the stack.",
      })
  }
}
