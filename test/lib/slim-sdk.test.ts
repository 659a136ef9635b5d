import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { slimSdk } from '../../lib/slim-sdk/plugin.ts'

/** One call of each service that the functions call, with clients that are configured by the environment alone. */
const contents = `
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
export const calls = {
  DynamoDB: (options) => new DynamoDBClient(options).send(
    new PutItemCommand({ TableName: 'orders', Item: { orderId: { S: 'Zoë' } } })),
  EventBridge: (options) => new EventBridgeClient(options).send(
    new PutEventsCommand({ Entries: [{ Source: 'orders', DetailType: 'ORDER_CREATED', Detail: '{}' }] })),
  SQS: (options) => new SQSClient(options).send(
    new SendMessageCommand({ QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q', MessageBody: 'hello' })),
  SecretsManager: (options) => new SecretsManagerClient(options).send(
    new GetSecretValueCommand({ SecretId: 'carrier' })),
}`
const services = ['DynamoDB', 'EventBridge', 'SQS', 'SecretsManager'] as const

interface HttpRequest {
  method: string
  protocol: string
  hostname: string
  path: string
  headers: Record<string, string>
  body: Uint8Array
}
type Calls = Record<(typeof services)[number], (options: object) => Promise<unknown>>

const folder = join(tmpdir(), `slim-sdk-${process.pid}`)
const bundle = (source: string, plugins: Plugin[], options: BuildOptions = { write: false }) =>
  build({
    stdin: { contents: source, resolveDir: import.meta.dirname },
    plugins,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
    ...options,
  })

async function load(name: string, plugins: Plugin[]): Promise<Calls> {
  const outfile = join(folder, `${name}.cjs`)
  await bundle(contents, plugins, { outfile })
  return createRequire(import.meta.url)(outfile).calls
}

/** What a call sends, without what differs between calls and SDK versions. */
async function requestOf(call: Calls[keyof Calls]) {
  let sent: HttpRequest | undefined
  const handle = async (request: HttpRequest) => {
    sent = request
    throw new Error('Nothing is sent in this test.')
  }
  await expect(
    call({ maxAttempts: 1, useQueueUrlAsEndpoint: false, requestHandler: { handle } }),
  ).rejects.toThrow('Nothing is sent')
  if (sent === undefined) throw new Error('There was no request.')
  const { method, protocol, hostname, path, headers, body } = sent
  const known = Object.entries(headers).filter(
    ([name]) => !['amz-sdk-invocation-id', 'user-agent', 'x-amz-user-agent', 'x-amz-date'].includes(name),
  )
  const { authorization = '', ...rest } = Object.fromEntries(known)
  const scope = authorization.replace(/Signature=.*/, '').replace(/\/\d{8}\//, '/')
  return { method, protocol, hostname, path, headers: rest, scope, body: new TextDecoder().decode(body) }
}

let stock: Calls
let slim: Calls
const saved = process.env

beforeAll(async () => {
  stock = await load('stock', [])
  slim = await load('slim', [slimSdk])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeEach(() => {
  process.env = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIATEST',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    // The stock SDK looks at this machine's, too.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
})
afterEach(() => {
  process.env = saved
})

describe.each<[string, NodeJS.ProcessEnv]>([
  ['a region', {}],
  ['a region of another partition', { AWS_REGION: 'cn-north-1' }],
  ['FIPS endpoints', { AWS_REGION: 'us-east-1', AWS_USE_FIPS_ENDPOINT: 'true' }],
  ['dual-stack endpoints', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
  ['an endpoint for all services', { AWS_ENDPOINT_URL: 'http://localhost:3000' }],
  ['an endpoint for one service', { AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:3000' }],
  ['a defaults mode', { AWS_DEFAULTS_MODE: 'standard', AWS_RETRY_MODE: 'standard' }],
])('with %s from the environment', (_what, environment) => {
  test.each(services)('%s is asked as by the SDK that is not slim', async (service) => {
    Object.assign(process.env, environment)

    const request = await requestOf(slim[service])

    expect(request).toEqual(await requestOf(stock[service]))
    expect(request.headers).toMatchObject({ 'x-amz-security-token': 'token' })
    expect(request.scope).toContain('AKIATEST')
  })
})

test.each([
  ['AWS_REGION', 'Region is missing'],
  ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the environment.'],
])('without %s a call fails and says so', async (variable, message) => {
  delete process.env[variable]

  await expect(slim.DynamoDB({ maxAttempts: 1 })).rejects.toThrow(message)
})

describe('the build', () => {
  /** An SDK that imports a module from somewhere else than today. */
  const moved = (filter: RegExp): Plugin => ({
    name: 'moved',
    setup({ onResolve, onLoad }) {
      onResolve({ filter }, () => ({ path: 'elsewhere', namespace: 'moved' }))
      onLoad({ filter: /./, namespace: 'moved' }, () => ({ contents: 'module.exports = {}' }))
    },
  })

  test.each([
    ['@aws-sdk/credential-provider-node', /^@aws-sdk\/credential-provider-node$/],
    ['@smithy/core/event-streams', /^@smithy\/core\/event-streams$/],
    ['@smithy/core/config', /^@smithy\/core\/config$/],
    ['package.json', /package\.json$/],
  ])('fails if the SDK no longer imports %s', async (path, filter) => {
    const failed = await bundle(contents, [moved(filter), slimSdk]).catch(({ errors }) => errors)

    expect(failed).toMatchObject([
      { text: expect.stringContaining(`No AWS client imports ${path} any more`) },
    ])
  })

  test('fails if the SDK imports something that a stand-in does not have', async () => {
    const source = `${contents}\nexport { EventStreamMarshaller } from '@smithy/core/event-streams'`

    await expect(bundle(source, [slimSdk])).rejects.toThrow('No matching export')
  })
})
