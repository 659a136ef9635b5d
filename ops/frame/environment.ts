import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { CommandError } from './command-error.ts'

/** Where the tools work: the embedded cloud, or an environment on AWS. */
export const environmentNames = ['local', 'dev', 'staging', 'prod'] as const
export type EnvironmentName = (typeof environmentNames)[number]

/** How a command that an operator is told to run says where. */
export const flagOf = (name: EnvironmentName): string => (name === 'local' ? '' : ` --env ${name}`)

/** The queues of one worker: what it works off, and the two DLQs beside it. */
export interface WorkerQueues {
  /** The worker's construct, in lower case: a step's name, for the links of the chain. */
  worker: string
  queueUrl: string
  /** What the worker could not work off. */
  deadLetterQueueUrl: string
  /** What EventBridge could not deliver to the queue. */
  undeliveredQueueUrl: string | undefined
}

/** The embedded cloud's endpoint. Its stacks are those of dev. */
export const localEndpoint = (): string => process.env.AWS_ENDPOINT_URL ?? 'http://localhost:3000'

const stacksOf = (name: EnvironmentName) => {
  const prefix = `create-order-${name === 'local' ? 'dev' : name}`
  return { stateful: `${prefix}-stateful`, stateless: `${prefix}-stateless` }
}

/** What every client of ours is made with. On AWS the credentials and region are the caller's, as in the AWS CLI. */
export const clientConfig = (name: EnvironmentName) => ({
  // Longer than the longest poll of a queue.
  requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  ...(name === 'local' && {
    endpoint: localEndpoint(),
    region: 'us-east-1',
    // The embedded cloud takes whoever is not one of its functions for an operator.
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  }),
})

const awsError = z.object({ $metadata: z.object({ httpStatusCode: z.optional(z.number()) }) })

/** Says what is in the way of reaching an environment. */
function unreachable(name: EnvironmentName, stack: string, error: unknown): CommandError {
  const { message, name: code } = error instanceof Error ? error : new Error(String(error))
  const end = (kind: 'failed' | 'notFound', words: string) => new CommandError(kind, words, { cause: error })
  const isLocal = name === 'local'
  if (code === 'ValidationError' && message.includes('does not exist'))
    return end(
      'notFound',
      isLocal
        ? `The embedded cloud on ${localEndpoint()} has no stack ${stack}.`
        : `There is no stack ${stack} in this account and region: check AWS_PROFILE and AWS_REGION, or deploy it.`,
    )
  if (isLocal && error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED')
    return end(
      'failed',
      `Nothing listens on ${localEndpoint()}: "npm start" brings the embedded cloud up; AWS_ENDPOINT_URL says where it is, if elsewhere.`,
    )
  const answered = z.safeParse(awsError, error)
  if (isLocal && answered.data?.$metadata.httpStatusCode === 503)
    return end('failed', `The embedded cloud on ${localEndpoint()} is still starting: try again.`)
  return end('failed', `${stack} cannot be read: ${message || code}`)
}

/** CDK's logical ids are the construct's path and a hash of eight digits: https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html */
const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '')

/** The outputs of the environment's stateful stack, by their CDK names. */
export async function readOutputs(name: EnvironmentName): Promise<Map<string, string>> {
  const { stateful } = stacksOf(name)
  const client = new CloudFormationClient(clientConfig(name))
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stateful }))
    return new Map(
      (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [
        withoutHash(OutputKey),
        OutputValue,
      ]),
    )
  } catch (error) {
    throw unreachable(name, stateful, error)
  }
}

/** Physical names by type and construct. */
export type Resources = Map<string, string>

async function readResources(name: EnvironmentName, stack: string): Promise<Resources> {
  const client = new CloudFormationClient(clientConfig(name))
  const summaries: StackResourceSummary[] = []
  try {
    for await (const page of paginateListStackResources({ client }, { StackName: stack }))
      summaries.push(...(page.StackResourceSummaries ?? []))
  } catch (error) {
    throw unreachable(name, stack, error)
  }
  return new Map(
    summaries.map(({ ResourceType, LogicalResourceId = '', PhysicalResourceId = '' }) => [
      `${ResourceType} ${withoutHash(LogicalResourceId)}`,
      PhysicalResourceId,
    ]),
  )
}

const queueType = 'AWS::SQS::Queue '

/** The queues of every worker of the stack: whatever is a `QueueWorker`, listeners beside the chain too. */
export function workerQueuesIn(resources: Resources): WorkerQueues[] {
  return [...resources].flatMap(([key, deadLetterQueueUrl]) => {
    const [, construct] = new RegExp(`^${queueType}(.+)DeadLetterQueue$`).exec(key) ?? []
    const queueUrl = resources.get(`${queueType}${construct}Queue`)
    if (construct === undefined || queueUrl === undefined) return []
    const undeliveredQueueUrl = resources.get(`${queueType}${construct}UndeliveredQueue`)
    return { worker: construct.toLowerCase(), queueUrl, deadLetterQueueUrl, undeliveredQueueUrl }
  })
}

function resourceIn(resources: Resources, type: string, construct: string, stack: string): string {
  const found = resources.get(`${type} ${construct}`)
  if (found === undefined) throw new CommandError('failed', `${stack} has no ${type} ${construct}.`)
  return found
}

/** Finds an environment's tables, bus and queues in its stacks, and makes the clients for them. */
export async function connect(name: EnvironmentName) {
  const { stateful, stateless } = stacksOf(name)
  const [data, services] = await Promise.all([readResources(name, stateful), readResources(name, stateless)])
  const config = clientConfig(name)
  return {
    name,
    orderTable: resourceIn(data, 'AWS::DynamoDB::Table', 'OrderTable', stateful),
    circuitBreakerTable: resourceIn(data, 'AWS::DynamoDB::Table', 'CircuitBreakerTable', stateful),
    bus: resourceIn(data, 'AWS::Events::EventBus', 'Bus', stateful),
    workers: workerQueuesIn(services),
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(config), {
      marshallOptions: { removeUndefinedValues: true },
    }),
    // The region's endpoint, or whichever is configured, and not the host that stands in a queue's URL.
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
    eventBridge: new EventBridgeClient(config),
  }
}
/** See {@link connect}. */
export type Environment = Awaited<ReturnType<typeof connect>>
