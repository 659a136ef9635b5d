import { createHash } from 'node:crypto'
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { DescribeRuleCommand, EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import aws4 from 'aws4'
import { createActivity } from '../../local/activity.ts'
import { addAwsEndpoint } from '../../local/aws-endpoint.ts'
import { createApp } from '../../local/http.ts'
import { type Credentials, createIam, type Iam, operator } from '../../local/iam.ts'
import { listen } from '../../local/server.ts'
import { createCloudFormation } from '../../local/services/cloudformation.ts'
import { createDynamoDb } from '../../local/services/dynamodb.ts'
import { createEventBridge } from '../../local/services/event-bridge.ts'
import { createSecretsManager } from '../../local/services/secrets-manager.ts'
import { createSqs, type Sqs } from '../../local/services/sqs.ts'
import { bringUp } from './emulated.ts'

const roleArn = 'arn:aws:iam::000000000000:role/worker-role'

/** Tested with real SDK clients on a real port. */
describe('the AWS endpoint', () => {
  let server: Awaited<ReturnType<typeof listen>>
  let endpoint: string
  let iam: Iam
  let sqs: Sqs
  let secrets: ReturnType<typeof createSecretsManager>
  let queueUrl: string

  beforeEach(async () => {
    jest.spyOn(console, 'error').mockImplementation(() => {})
    const app = createApp()
    server = await listen(0)
    endpoint = `http://127.0.0.1:${server.port}`
    const activity = createActivity()
    iam = createIam()
    const dynamoDb = createDynamoDb()
    sqs = createSqs({ endpoint, activity })
    secrets = createSecretsManager()
    const eventBridge = createEventBridge({ sqs, activity, iam })
    const services = {
      DynamoDB_20120810: dynamoDb,
      AmazonSQS: sqs,
      AWSEvents: eventBridge,
      secretsmanager: secrets,
    }
    queueUrl = (await bringUp(sqs.resources, 'AWS::SQS::Queue', 'q', {})).ref
    await bringUp(dynamoDb.resources, 'AWS::DynamoDB::Table', 'orders', {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    })
    const outputs = [
      { OutputKey: 'ApiUrl', OutputValue: 'https://api.execute-api.us-east-1.amazonaws.com/' },
      { OutputKey: 'Text', OutputValue: '<&>' },
    ]
    const resources = [
      { LogicalResourceId: 'Q', PhysicalResourceId: queueUrl, ResourceType: 'AWS::SQS::Queue' },
    ]
    const cloudFormation = createCloudFormation(
      [{ name: 'stack', outputs, resources, parts: [] }],
      'http://localhost/',
    )
    const paths = new Map([
      ['worker', 'Worker/Function'],
      ['orders', 'Data/Orders'],
    ])
    addAwsEndpoint(app, { iam, activity, services, cloudFormation, paths })
    await server.open(app)
  })
  afterEach(async () => {
    server.close()
    await sqs.close()
    jest.restoreAllMocks()
  })

  const config = (credentials: Credentials = operator.credentials) => ({
    endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials,
  })
  const put = (id: string) =>
    new PutItemCommand({
      TableName: 'orders',
      Item: { id: { S: id } },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    })

  test('serves DynamoDB, with the item of a failed condition', async () => {
    const client = new DynamoDBClient(config())
    await client.send(put('1'))
    await expect(client.send(put('1'))).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { id: { S: '1' } },
    })
  })

  test('serves SQS, and its queue URLs lead back here', async () => {
    const client = new SQSClient(config())
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: 'q' }))
    expect(QueueUrl).toBe(queueUrl)
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }))
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl }))
    expect(Messages).toMatchObject([{ Body: 'hello' }])
    const nowhere = new SendMessageCommand({ QueueUrl: `${endpoint}/0/none`, MessageBody: 'x' })
    await expect(client.send(nowhere)).rejects.toMatchObject({ name: 'QueueDoesNotExist' })
  })

  test('serves EventBridge', async () => {
    const Entries = [
      { Source: 's', DetailType: 't', Detail: '{}' },
      { Source: 's', DetailType: 't', Detail: '{' },
    ]
    const answer = await new EventBridgeClient(config()).send(new PutEventsCommand({ Entries }))
    expect(answer).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ EventId: expect.any(String) }, { ErrorCode: 'MalformedDetail' }],
    })
  })

  test('serves Secrets Manager', async () => {
    const { ref: SecretId } = await bringUp(secrets.resources, 'AWS::SecretsManager::Secret', 's', {
      GenerateSecretString: { ExcludePunctuation: true },
    })
    const client = new SecretsManagerClient(config())
    const get = () => client.send(new GetSecretValueCommand({ SecretId }))
    expect(await get()).toMatchObject({ ARN: SecretId, SecretString: expect.stringMatching(/^\w{32,}$/) })
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'new' }))
    expect(await get()).toMatchObject({ SecretString: 'new' })
    const missing = new GetSecretValueCommand({ SecretId: 'none' })
    await expect(client.send(missing)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  test("describes the stacks, with the API's local URL", async () => {
    const client = new CloudFormationClient(config())
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'stack' }))
    expect(Stacks).toMatchObject([
      {
        StackName: 'stack',
        StackStatus: 'CREATE_COMPLETE',
        Outputs: [
          { OutputKey: 'ApiUrl', OutputValue: 'http://localhost/' },
          { OutputKey: 'Text', OutputValue: '<&>' },
        ],
      },
    ])
    const of = new ListStackResourcesCommand({ StackName: 'stack' })
    expect((await client.send(of)).StackResourceSummaries).toMatchObject([
      { LogicalResourceId: 'Q', PhysicalResourceId: queueUrl, ResourceType: 'AWS::SQS::Queue' },
    ])
    const unknown = client.send(new DescribeStacksCommand({ StackName: 'other' }))
    await expect(unknown).rejects.toMatchObject({ message: 'Stack with id other does not exist' })
  })

  test("checks a function's calls against its role, for every service", async () => {
    const key = iam.credentialsOf('worker', roleArn)
    const message = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'x' })
    const events = new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 't', Detail: '{}' }] })
    const denied = { name: 'AccessDeniedException' }
    await expect(new DynamoDBClient(config(key)).send(put('1'))).rejects.toMatchObject(denied)
    await expect(new SQSClient(config(key)).send(message)).rejects.toMatchObject(denied)
    await expect(new EventBridgeClient(config(key)).send(events)).rejects.toMatchObject(denied)
    expect(iam.report().denied.map(({ action }) => action)).toEqual([
      'dynamodb:PutItem',
      'sqs:SendMessage',
      'events:PutEvents',
    ])
    expect(sqs.queues()[0]).toMatchObject({ visible: 0 })
  })

  test('names the constructs of a call that is denied or not emulated, in its error and in the log', async () => {
    const log = jest.spyOn(console, 'error')
    const unknown = new DescribeRuleCommand({ Name: 'r' })
    const denied = new DynamoDBClient(config(iam.credentialsOf('worker', roleArn))).send(put('1'))
    const constructs = '(constructs: Worker/Function, Data/Orders)'

    await expect(denied).rejects.toThrow(constructs)
    await expect(new EventBridgeClient(config()).send(unknown)).rejects.toThrow('events:DescribeRule')

    expect(log.mock.calls.flat()).toEqual([
      expect.stringContaining(constructs),
      'local: local/ does not emulate events:DescribeRule',
    ])
  })

  /** One call to every service, with given credentials. */
  const calls: [string, (credentials: Credentials) => Promise<unknown>][] = [
    ['DynamoDB', (by) => new DynamoDBClient(config(by)).send(put('1'))],
    [
      'SQS',
      (by) =>
        new SQSClient(config(by)).send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'x' })),
    ],
    [
      'EventBridge',
      (by) =>
        new EventBridgeClient(config(by)).send(
          new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 't', Detail: '{}' }] }),
        ),
    ],
    [
      'Secrets Manager',
      (by) => new SecretsManagerClient(config(by)).send(new GetSecretValueCommand({ SecretId: 'none' })),
    ],
    [
      'CloudFormation',
      (by) => new CloudFormationClient(config(by)).send(new DescribeStacksCommand({ StackName: 'stack' })),
    ],
  ]
  describe.each(calls)('a call of %s', (_service, call) => {
    test('is refused if it is signed with another secret', async () => {
      const credentials = { ...iam.credentialsOf('worker', roleArn), secretAccessKey: 'wrong' }
      await expect(call(credentials)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
      expect(iam.report().denied).toEqual([])
    })

    test.each(['wrong', ''])('is refused if its session token is "%s"', async (sessionToken) => {
      const credentials = { ...iam.credentialsOf('worker', roleArn), sessionToken }
      await expect(call(credentials)).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
    })

    test('is refused if its access key is unknown', async () => {
      const credentials = { ...operator.credentials, accessKeyId: 'AKIA' }
      await expect(call(credentials)).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
    })
  })

  describe('a request', () => {
    const headers = { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' }
    const signed = (given: Record<string, string>, credentials: Credentials = operator.credentials) => {
      const request = { method: 'POST', host: new URL(endpoint).host, service: 'sqs', body: '{}' }
      return aws4.sign({ ...request, headers: given }, credentials).headers as Record<string, string>
    }
    const send = async (given: Record<string, string>, body = '{}') => {
      const response = await fetch(endpoint, { method: 'POST', headers: given, body })
      return { status: response.status, body: await response.json() }
    }
    const mismatch = { status: 403, body: { __type: 'SignatureDoesNotMatch' } }

    test('is answered as it was signed', async () => {
      expect(await send(signed(headers))).toMatchObject({ status: 200, body: { QueueUrls: [queueUrl] } })
    })

    test('is refused without a signature', async () => {
      const refused = { status: 403, body: { __type: 'MissingAuthenticationToken' } }
      expect(await send(headers)).toMatchObject(refused)
    })

    test('is refused with another body', async () => {
      expect(await send(signed(headers), '[]')).toMatchObject(mismatch)
    })

    test('is refused with another body, even if it has the hash of the signed one', async () => {
      const hash = createHash('sha256').update('{}').digest('hex')
      const given = signed({ ...headers, 'x-amz-content-sha256': hash })
      expect(await send(given)).toMatchObject({ status: 200 })
      expect(await send(given, '[]')).toMatchObject(mismatch)
    })

    test('is refused with another target', async () => {
      const given = { ...signed(headers), 'x-amz-target': 'AmazonSQS.PurgeQueue' }
      expect(await send(given)).toMatchObject(mismatch)
    })

    test('is refused if the signature does not cover its session token', async () => {
      const { sessionToken, ...credentials } = iam.credentialsOf('worker', roleArn)
      const given = { ...signed(headers, credentials), 'x-amz-security-token': sessionToken }
      expect(await send(given)).toMatchObject(mismatch)
    })

    test('for something that is not emulated gets an error that names it', async () => {
      const given = { ...headers, 'x-amz-target': 'Kinesis_20131202.PutRecord' }
      const message = 'local/ does not emulate Kinesis_20131202.PutRecord'
      const unknown = { status: 400, body: { __type: 'UnknownOperationException', message } }
      expect(await send(signed(given))).toMatchObject(unknown)
    })
  })
})
