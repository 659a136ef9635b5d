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
import { createEventPublisher } from '../../lambdas/adapters/event-publisher.ts'
import { createOutboxRepository } from '../../lambdas/adapters/outbox-repository.ts'
import { stepNames } from '../../lambdas/domain/chain.ts'
import { limits } from '../../lambdas/domain/limits.ts'
import { dayMs } from '../../lambdas/runtime/env.ts'
import { laneIdOf, mapValues } from '../../lib/names.ts'
import { CommandError } from './command-error.ts'
import { telemetry } from './operator.ts'

/** The embedded cloud, or an environment on AWS. */
export const environmentNames = ['local', 'dev', 'staging', 'prod'] as const
export type EnvironmentName = (typeof environmentNames)[number]

export interface Target {
  env: EnvironmentName
  port?: number | undefined
}

/** Where a command acts. Every output says it. */
export type Place = Record<'account' | 'region' | 'endpoint', string> & { environment: EnvironmentName }

export const localEndpoint = (port?: number): string =>
  port === undefined ? (process.env.AWS_ENDPOINT_URL ?? 'http://localhost:3000') : `http://localhost:${port}`

export const endpointOf = ({ env, port }: Target): string => (env === 'local' ? localEndpoint(port) : 'AWS')

type StackKind = 'stateful' | 'stateless'

/** Configuration of every SDK client. On AWS, credentials and region come from the environment, as in the AWS CLI. */
export const clientConfig = ({ env, port }: Target) => ({
  // The request time-out is longer than the longest poll of a queue.
  requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  ...(env === 'local'
    ? {
        endpoint: localEndpoint(port),
        region: 'us-east-1',
        // The embedded cloud's operator, whose credentials `npm start` prints.
        credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
      }
    : // A profile's endpoint would send calls elsewhere than the output says.
      { ignoreConfiguredEndpointUrls: true }),
})

/** The fields that we read of an error of the SDK or of the connection. */
const failure = z.object({
  name: z.string(),
  message: z.string(),
  code: z.optional(z.string()),
  $metadata: z.optional(z.object({ httpStatusCode: z.optional(z.number()) })),
})

/** Turns an SDK error into one that says why an environment cannot be read. */
function unreachable({ env, port }: Target, stack: string, cause: unknown): CommandError {
  const { name, message, code, $metadata } = z.parse(failure, cause)
  const failed = (text: string) => new CommandError('failed', text, { cause })
  if (name === 'ValidationError' && message.includes('does not exist')) {
    const text = `There is no stack ${stack} in this account and region: check AWS_PROFILE and AWS_REGION, or deploy it.`
    return new CommandError('notFound', text, { cause })
  }
  if (env === 'local' && code === 'ECONNREFUSED')
    return failed(
      `Nothing listens on ${localEndpoint(port)}: "npx orderctl start" starts the embedded cloud; if it listens elsewhere, pass --port.`,
    )
  if (env === 'local' && $metadata?.httpStatusCode === 503)
    return failed(`The embedded cloud on ${localEndpoint(port)} is still starting: try again.`)
  return failed(`${stack} cannot be read: ${message || name}`)
}

/** CDK's logical ids are the construct's path followed by eight hexadecimal digits: https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html */
const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '')

/** Reads from a stack. @throws {CommandError} that says why it cannot be read */
async function reading<T>(
  target: Target,
  kind: StackKind,
  read: (client: CloudFormationClient, stack: string) => Promise<T>,
): Promise<T> {
  // The embedded cloud runs dev's stacks.
  const stack = `create-order-${target.env === 'local' ? 'dev' : target.env}-${kind}`
  const emulator = Object.keys(process.env).find((each) => each.startsWith('AWS_ENDPOINT_URL'))
  if (target.env !== 'local' && emulator !== undefined)
    throw new CommandError(
      'usage',
      `--env ${target.env} is on AWS, and ${emulator} sends calls to ${process.env[emulator]}: unset it, or leave --env out.`,
    )
  try {
    return await read(new CloudFormationClient(clientConfig(target)), stack)
  } catch (error) {
    throw unreachable(target, stack, error)
  }
}

/** Returns where an environment is, and the outputs of one of its stacks by their CDK names. */
export const locate = (target: Target, kind: StackKind = 'stateful') =>
  reading(target, kind, async (client, StackName) => {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }))
    const { Outputs = [], StackId = '' } = Stacks?.[0] ?? {}
    const [, , , region = '', account = ''] = StackId.split(':')
    const outputs = Outputs.map(
      ({ OutputKey = '', OutputValue = '' }) => [withoutHash(OutputKey), OutputValue] as const,
    )
    const place = { environment: target.env, account, region, endpoint: endpointOf(target) }
    return { place, outputs: new Map(outputs) }
  })

/** A stack's physical resource names, keyed by `TYPE CONSTRUCT`. */
const readResources = (target: Target, kind: StackKind): Promise<Map<string, string>> =>
  reading(target, kind, async (client, StackName) => {
    const resources = new Map<string, string>()
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
      for (const { ResourceType, LogicalResourceId = '', PhysicalResourceId = '' } of StackResourceSummaries)
        resources.set(`${ResourceType} ${withoutHash(LogicalResourceId)}`, PhysicalResourceId)
    return resources
  })

/** The config in the stateful stack's output `Settings`. `shards` is the number of partitions of a lane's outbox. */
const stackSettings = z.object({
  vendors: z.record(
    z.string(),
    z.object({
      step: z.enum(stepNames),
      ratePerSecond: z.number(),
      retired: z.optional(z.boolean()),
      limits: limits(),
    }),
  ),
  shards: z.number(),
  graceMs: z.number(),
  relayIntervalMs: z.number(),
  orderRetentionDays: z.number(),
})

/** The DLQs of every `QueueWorker` (lanes and listeners), each with the URL of the worker's own queue. */
function deadLetterQueuesIn(
  resources: Map<string, string>,
  lanes: z.output<typeof stackSettings>['vendors'],
) {
  const names = new Map(Object.entries(lanes).map(([name, { step }]) => [laneIdOf(step, name), name]))
  return [...resources].flatMap(([key, url]) => {
    const [, construct = '', of] = /^AWS::SQS::Queue (.+)(DeadLetter|Undelivered)Queue$/.exec(key) ?? []
    const targetUrl = resources.get(`AWS::SQS::Queue ${construct}Queue`)
    if (targetUrl === undefined) return []
    // undelivered: EventBridge could not deliver the event; dead-letter: the worker gave up on the message.
    const kind = of === 'Undelivered' ? ('undelivered' as const) : ('dead-letter' as const)
    const name = names.get(construct)
    // A listener has no step, and its lane is named after its construct.
    const step = name === undefined ? undefined : lanes[name]?.step
    return { kind, lane: name ?? construct.toLowerCase(), step, url, targetUrl }
  })
}
export type DeadLetterQueue = ReturnType<typeof deadLetterQueuesIn>[number]

/** Finds an environment's tables, bus and queues in its stacks, and creates clients for them. */
export async function connect(target: Target) {
  const [{ place, outputs }, data, services] = await Promise.all([
    locate(target),
    readResources(target, 'stateful'),
    readResources(target, 'stateless'),
  ])
  const found = new Map([...outputs, ...data, ...services])
  function required(what: string): string {
    const value = found.get(what)
    if (value === undefined) throw new CommandError('failed', `The stacks of ${target.env} have no ${what}.`)
    return value
  }
  const {
    vendors: lanes,
    orderRetentionDays,
    ...settings
  } = z.parse(stackSettings, JSON.parse(required('Settings')))
  const limits = mapValues(lanes, (vendor) => vendor.limits)
  const config = clientConfig(target)
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(config), {
    marshallOptions: { removeUndefinedValues: true },
  })
  const orderTable = required('AWS::DynamoDB::Table OrderTable')
  return {
    name: target.env,
    /** Options for suggested commands, so that they run in the same environment. */
    flags: target.env === 'local' ? (target.port ? ` --port ${target.port}` : '') : ` --env ${target.env}`,
    place,
    orderTable,
    circuitBreakerTable: required('AWS::DynamoDB::Table CircuitBreakerTable'),
    operatorLog: required('AWS::Logs::LogGroup OperatorsLog'),
    ...settings,
    /** The deployed vendors, as targets of a reroute. */
    vendors: mapValues(lanes, (vendor, name) => ({ ...vendor, name, limits })),
    queues: deadLetterQueuesIn(services, lanes),
    documents,
    repository: createOutboxRepository(documents, orderTable),
    now: Date.now,
    // By default the client calls the host of the queue's URL and ignores the configured endpoint.
    sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }),
    bus: required('BusName'),
    publisher: createEventPublisher(new EventBridgeClient(config), required('BusName')),
    telemetry,
    retentionMs: orderRetentionDays * dayMs,
    logs: new CloudWatchLogsClient(config),
    sts: new STSClient(config),
  }
}
export type Environment = Awaited<ReturnType<typeof connect>>
