import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import { STSClient } from '@aws-sdk/client-sts'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { createOutboxRepository } from '../../lambdas/adapters/outbox-repository.ts'
import { type StepName, stepNames } from '../../lambdas/domain/chain.ts'
import { laneIdOf } from '../../lib/lanes.ts'
import { CommandError } from './command-error.ts'

/** The embedded cloud, or an environment on AWS. */
export const environmentNames = ['local', 'dev', 'staging', 'prod'] as const
export type EnvironmentName = (typeof environmentNames)[number]

/** The option for suggested commands, so that they run in the same environment. */
export const flagOf = (name: EnvironmentName): string => (name === 'local' ? '' : ` --env ${name}`)

/** The queues of one worker. */
export interface WorkerQueues {
  /** The lane, which is its vendor's name; of a listener, the id of its construct in lower case. */
  lane: string
  /** No listener has one. */
  step: StepName | undefined
  queueUrl: string
  /** For messages that the worker gave up. */
  deadLetterQueueUrl: string
  /** For events that EventBridge could not deliver to the queue. */
  undeliveredQueueUrl: string | undefined
}

/** Which environment a command is for. */
export interface Target {
  env: EnvironmentName
  /** Of the embedded cloud. */
  port?: number | undefined
}

/** Where a command acts, as its output says. */
export interface Place {
  environment: EnvironmentName
  account: string
  region: string
  endpoint: string
}

/** The embedded cloud's endpoint. */
export const localEndpoint = (port?: number): string =>
  port === undefined ? (process.env.AWS_ENDPOINT_URL ?? 'http://localhost:3000') : `http://localhost:${port}`

/** The embedded cloud runs the stacks of dev. */
const stacksOf = (name: EnvironmentName) => {
  const prefix = `create-order-${name === 'local' ? 'dev' : name}`
  return { stateful: `${prefix}-stateful`, stateless: `${prefix}-stateless` }
}

/** Configuration of every SDK client. On AWS, credentials and region come from the environment, as in the AWS CLI. */
export const clientConfig = ({ env, port }: Target) => ({
  // Longer than the longest poll of a queue.
  requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  ...(env === 'local' && {
    endpoint: localEndpoint(port),
    region: 'us-east-1',
    // The operator's, which npm start prints.
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  }),
})

/** What an SDK or the connection says of its failure. */
const failure = z.object({
  name: z.string(),
  message: z.string(),
  code: z.optional(z.string()),
  $metadata: z.optional(z.object({ httpStatusCode: z.optional(z.number()) })),
})

/** Explains why an environment cannot be read. */
function unreachable({ env, port }: Target, stack: string, cause: unknown): CommandError {
  const { name, message, code, $metadata } = z.parse(failure, cause)
  const failed = (text: string) => new CommandError('failed', text, { cause })
  if (name === 'ValidationError' && message.includes('does not exist')) {
    const text = `There is no stack ${stack} in this account and region: check AWS_PROFILE and AWS_REGION, or deploy it.`
    return new CommandError('notFound', text, { cause })
  }
  if (env === 'local' && code === 'ECONNREFUSED')
    return failed(
      `Nothing listens on ${localEndpoint(port)}: "npm start" starts the embedded cloud; if it listens elsewhere, say --port.`,
    )
  if (env === 'local' && $metadata?.httpStatusCode === 503)
    return failed(`The embedded cloud on ${localEndpoint(port)} is still starting: try again.`)
  return failed(`${stack} cannot be read: ${message || name}`)
}

/** CDK's logical ids are the construct's path followed by eight hexadecimal digits: https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html */
const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '')

/** Reads something of a stack. Throws a CommandError that explains why it cannot. */
async function reading<T>(
  target: Target,
  stack: string,
  read: (client: CloudFormationClient) => Promise<T>,
): Promise<T> {
  const { AWS_ENDPOINT_URL } = process.env
  if (target.env !== 'local' && AWS_ENDPOINT_URL)
    throw new CommandError(
      'usage',
      `--env ${target.env} is on AWS, and AWS_ENDPOINT_URL sends every call to ${AWS_ENDPOINT_URL}: unset it, or leave --env out.`,
    )
  try {
    return await read(new CloudFormationClient(clientConfig(target)))
  } catch (error) {
    throw unreachable(target, stack, error)
  }
}

/** Finds an environment: where it is, and the outputs of its stateful stack by their CDK names. */
export function locate(target: Target): Promise<{ place: Place; outputs: Map<string, string> }> {
  const { stateful: StackName } = stacksOf(target.env)
  return reading(target, StackName, async (client) => {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }))
    const { Outputs = [], StackId = '' } = Stacks?.[0] ?? {}
    const [, , , region = '', account = ''] = StackId.split(':')
    const endpoint = target.env === 'local' ? localEndpoint(target.port) : 'AWS'
    const outputs = Outputs.map(
      ({ OutputKey = '', OutputValue = '' }) => [withoutHash(OutputKey), OutputValue] as const,
    )
    return { place: { environment: target.env, account, region, endpoint }, outputs: new Map(outputs) }
  })
}

/** Physical names by type and construct. */
export type Resources = Map<string, string>

const readResources = (target: Target, StackName: string): Promise<Resources> =>
  reading(target, StackName, async (client) => {
    const resources: Resources = new Map()
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
      for (const { ResourceType, LogicalResourceId = '', PhysicalResourceId = '' } of StackResourceSummaries)
        resources.set(`${ResourceType} ${withoutHash(LogicalResourceId)}`, PhysicalResourceId)
    return resources
  })

const queueType = 'AWS::SQS::Queue '

const vendors = z.record(z.string(), z.object({ step: z.enum(stepNames), ratePerSecond: z.number() }))
/** The config's vendors by name, with their steps and what they take in a second. */
export type Vendors = z.output<typeof vendors>

/** The queues of every `QueueWorker` of the stack: of lanes and of listeners. */
export function workerQueuesIn(resources: Resources, lanes: Vendors): WorkerQueues[] {
  const names = new Map(Object.entries(lanes).map(([name, { step }]) => [laneIdOf(step, name), name]))
  return [...resources].flatMap(([key, deadLetterQueueUrl]) => {
    const [, construct] = new RegExp(`^${queueType}(.+)DeadLetterQueue$`).exec(key) ?? []
    const queueUrl = resources.get(`${queueType}${construct}Queue`)
    if (construct === undefined || queueUrl === undefined) return []
    const undeliveredQueueUrl = resources.get(`${queueType}${construct}UndeliveredQueue`)
    const lane = names.get(construct)
    const step = lane === undefined ? undefined : lanes[lane]?.step
    return { lane: lane ?? construct.toLowerCase(), step, queueUrl, deadLetterQueueUrl, undeliveredQueueUrl }
  })
}

/** Finds an environment's tables, bus and queues in its stacks, and makes the clients for them. */
export async function connect(target: Target) {
  const { stateful, stateless } = stacksOf(target.env)
  const [{ place, outputs }, data, services] = await Promise.all([
    locate(target),
    readResources(target, stateful),
    readResources(target, stateless),
  ])
  function required(stack: string, found: Map<string, string>, what: string): string {
    const value = found.get(what)
    if (value === undefined) throw new CommandError('failed', `${stack} has no ${what}.`)
    return value
  }
  const lanes = z.parse(vendors, JSON.parse(required(`${stateful}'s output`, outputs, 'Vendors')))
  const config = clientConfig(target)
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(config), {
    marshallOptions: { removeUndefinedValues: true },
  })
  const orderTable = required(stateful, data, 'AWS::DynamoDB::Table OrderTable')
  return {
    name: target.env,
    place,
    orderTable,
    circuitBreakerTable: required(stateful, data, 'AWS::DynamoDB::Table CircuitBreakerTable'),
    bus: required(`${stateful}'s output`, outputs, 'BusName'),
    operatorLog: required(stateless, services, 'AWS::Logs::LogGroup OperatorsLog'),
    vendors: lanes,
    /** Into how many shards each lane's outbox is split. */
    shards: Number(outputs.get('OutboxShards')),
    workers: workerQueuesIn(services, lanes),
    documents,
    repository: createOutboxRepository(documents, orderTable),
    now: Date.now,
    // Without this the client calls the host of a queue's URL and ignores the configured endpoint.
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
    eventBridge: new EventBridgeClient(config),
    logs: new CloudWatchLogsClient(config),
    sts: new STSClient(config),
  }
}
/** See {@link connect}. */
export type Environment = Awaited<ReturnType<typeof connect>>
