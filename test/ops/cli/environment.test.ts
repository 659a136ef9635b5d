import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { connect } from '../../../ops/cli/environment.ts'

const cloudFormation = mockClient(CloudFormationClient)
const before = process.env.AWS_ENDPOINT_URL
beforeEach(() => {
  cloudFormation.reset()
  outputsAre(outputs)
  delete process.env.AWS_ENDPOINT_URL
})
afterEach(() => {
  delete process.env.AWS_ENDPOINT_URL_SQS
  if (before !== undefined) process.env.AWS_ENDPOINT_URL = before
})

const resource = (ResourceType: string, LogicalResourceId: string, PhysicalResourceId: string) => ({
  ResourceType,
  LogicalResourceId,
  PhysicalResourceId,
  LastUpdatedTimestamp: new Date(0),
  ResourceStatus: 'CREATE_COMPLETE' as const,
})
const queue = (construct: string) =>
  resource('AWS::SQS::Queue', `${construct}0123ABCD`, `https://sqs/${construct}`)
const stateful = [
  resource('AWS::DynamoDB::Table', 'OrderTable416EB896', 'orders-1'),
  resource('AWS::DynamoDB::Table', 'CircuitBreakerTable02DAD2B8', 'circuits-1'),
]

const log = resource('AWS::Logs::LogGroup', 'OperatorsLog0A1B2C3D', 'operators-log-1')

const outputs = {
  BusName: 'bus-1',
  Settings0123ABCD: JSON.stringify({
    vendors: { carrier: { step: 'logistics', ratePerSecond: 20, limits: {} } },
    shards: 32,
    graceMs: 60_000,
    relayIntervalMs: 60_000,
    orderRetentionDays: 30,
  }),
}
const outputsAre = (values: Record<string, string>) =>
  cloudFormation.on(DescribeStacksCommand).resolves({
    Stacks: [
      {
        StackName: 'x',
        StackId: 'arn:aws:cloudformation:eu-central-1:111122223333:stack/x/1',
        CreationTime: new Date(0),
        StackStatus: 'CREATE_COMPLETE',
        Outputs: Object.entries(values).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
      },
    ],
  })

const answer = (StackName: string, ...pages: (typeof stateful)[]) => {
  for (const [index, StackResourceSummaries] of pages.entries())
    cloudFormation
      .on(ListStackResourcesCommand, { StackName, ...(index > 0 && { NextToken: `${index}` }) })
      .resolves({ StackResourceSummaries, ...(index < pages.length - 1 && { NextToken: `${index + 1}` }) })
}

describe('an environment', () => {
  test('is found in its stacks, reading all pages of resources', async () => {
    answer('create-order-prod-stateful', stateful)
    answer(
      'create-order-prod-stateless',
      [
        queue('LogisticsCarrierQueue'),
        queue('LogisticsCarrierDeadLetterQueue'),
        queue('LogisticsCarrierUndeliveredQueue'),
      ],
      [queue('InvoiceQueue'), queue('InvoiceDeadLetterQueue'), queue('StrayDeadLetterQueue'), log],
    )

    const environment = await connect({ env: 'prod' })

    expect(environment.place).toEqual({
      environment: 'prod',
      account: '111122223333',
      region: 'eu-central-1',
      endpoint: 'AWS',
    })
    expect(environment).toMatchObject({
      orderTable: 'orders-1',
      circuitBreakerTable: 'circuits-1',
      bus: 'bus-1',
      operatorLog: 'operators-log-1',
      shards: 32,
      vendors: { carrier: { step: 'logistics', ratePerSecond: 20, limits: {} } },
    })
    const carriers = { lane: 'carrier', step: 'logistics', targetUrl: 'https://sqs/LogisticsCarrierQueue' }
    expect(environment.queues).toEqual([
      { ...carriers, kind: 'dead-letter', url: 'https://sqs/LogisticsCarrierDeadLetterQueue' },
      { ...carriers, kind: 'undelivered', url: 'https://sqs/LogisticsCarrierUndeliveredQueue' },
      {
        lane: 'invoice',
        step: undefined,
        kind: 'dead-letter',
        url: 'https://sqs/InvoiceDeadLetterQueue',
        targetUrl: 'https://sqs/InvoiceQueue',
      },
    ])
  })

  test('has the bus that its stack names, even if it is in another stack', async () => {
    answer('create-order-prod-stateful', stateful)
    answer('create-order-prod-stateless', [log])
    outputsAre({ ...outputs, BusName: 'company-bus' })

    expect(await connect({ env: 'prod' })).toMatchObject({ bus: 'company-bus' })
  })

  test("is the embedded cloud's dev stacks if it is local", async () => {
    answer('create-order-dev-stateful', stateful)
    answer('create-order-dev-stateless', [log])

    const { name, sqs } = await connect({ env: 'local' })

    expect(name).toBe('local')
    const endpoint = await sqs.config.endpoint?.()
    expect(endpoint).toMatchObject({ hostname: 'localhost', port: 3000 })
    expect(await sqs.config.credentials()).toMatchObject({ accessKeyId: 'operator' })
  })

  test('that is local is found by the port, or else by AWS_ENDPOINT_URL', async () => {
    answer('create-order-dev-stateful', stateful)
    answer('create-order-dev-stateless', [log])
    process.env.AWS_ENDPOINT_URL = 'http://emulator:4566'

    const places = await Promise.all([connect({ env: 'local' }), connect({ env: 'local', port: 4001 })])

    expect(places.map(({ place }) => place.endpoint)).toEqual([
      'http://emulator:4566',
      'http://localhost:4001',
    ])
  })

  test.each([
    ['dev', 'AWS_ENDPOINT_URL'],
    ['staging', 'AWS_ENDPOINT_URL'],
    ['prod', 'AWS_ENDPOINT_URL'],
    ['prod', 'AWS_ENDPOINT_URL_SQS'],
  ] as const)('on AWS is not mixed with an emulator: --env %s with %s is refused', async (env, variable) => {
    process.env[variable] = 'http://localhost:3000'

    await expect(connect({ env })).rejects.toMatchObject({
      message: `--env ${env} is on AWS, and ${variable} sends calls to http://localhost:3000: unset it, or leave --env out.`,
      exitCode: 2,
    })
    expect(cloudFormation.calls()).toEqual([])
  })

  test('on AWS ignores the endpoint in a profile of the shared config', async () => {
    answer('create-order-dev-stateful', stateful)
    answer('create-order-dev-stateless', [log])

    const { sqs } = await connect({ env: 'dev' })

    expect(sqs.config).toMatchObject({ ignoreConfiguredEndpointUrls: true })
  })

  test.each([
    [{ env: 'prod' }, ' --env prod'],
    [{ env: 'local' }, ''],
    [{ env: 'local', port: 4001 }, ' --port 4001'],
  ] as const)('%j is that of the commands that it suggests, by%s', async (target, flags) => {
    for (const name of ['dev', 'prod']) {
      answer(`create-order-${name}-stateful`, stateful)
      answer(`create-order-${name}-stateless`, [log])
    }

    expect(await connect(target)).toMatchObject({ flags })
  })

  test('that is not deployed is reported as not found', async () => {
    const missing = Object.assign(new Error('Stack with id x does not exist'), { name: 'ValidationError' })
    cloudFormation.on(ListStackResourcesCommand).rejects(missing)

    await expect(connect({ env: 'staging' })).rejects.toMatchObject({
      message:
        'There is no stack create-order-staging-stateful in this account and region: check AWS_PROFILE and AWS_REGION, or deploy it.',
      exitCode: 3,
    })
  })

  test('whose stack lacks a table is an error that names the table', async () => {
    answer('create-order-dev-stateful', stateful.slice(1))
    answer('create-order-dev-stateless', [log])

    await expect(connect({ env: 'dev' })).rejects.toMatchObject({
      message: 'The stacks of dev have no AWS::DynamoDB::Table OrderTable.',
      exitCode: 1,
    })
  })

  test('whose stack has no settings is an error, and not an environment without vendors', async () => {
    answer('create-order-dev-stateful', stateful)
    answer('create-order-dev-stateless', [])
    outputsAre({ BusName: 'bus-1' })

    await expect(connect({ env: 'dev' })).rejects.toMatchObject({
      message: 'The stacks of dev have no Settings.',
      exitCode: 1,
    })
  })

  test('that cannot be read, for example without credentials, is an error of one sentence', async () => {
    cloudFormation
      .on(ListStackResourcesCommand)
      .rejects(new Error('Could not load credentials from any providers'))

    await expect(connect({ env: 'prod' })).rejects.toMatchObject({
      message: 'create-order-prod-stateful cannot be read: Could not load credentials from any providers',
      exitCode: 1,
    })
  })

  test('that is local and not running is an error with the command that starts it', async () => {
    cloudFormation
      .on(ListStackResourcesCommand)
      .rejects(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))

    await expect(connect({ env: 'local' })).rejects.toThrow(
      'Nothing listens on http://localhost:3000: "npx orderctl start" starts the embedded cloud',
    )
  })

  test('that is local and still starting is an error that says so', async () => {
    cloudFormation
      .on(ListStackResourcesCommand)
      .rejects(Object.assign(new Error('Unknown'), { $metadata: { httpStatusCode: 503 } }))

    await expect(connect({ env: 'local' })).rejects.toThrow(
      'The embedded cloud on http://localhost:3000 is still starting: try again.',
    )
  })
})
