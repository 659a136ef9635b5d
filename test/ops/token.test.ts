import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { getToken } from '../../ops/token.ts'

const cloudFormation = mockClient(CloudFormationClient)
const cognito = mockClient(CognitoIdentityProviderClient)

let server: Server
let url: string
let asked: { path: string | undefined; authorization: string | undefined; body: string }[]
let answer: { status: number; body: object }
const before = process.env.AWS_ENDPOINT_URL

beforeEach(async () => {
  asked = []
  answer = { status: 200, body: {} }
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push({ path: request.url, authorization: request.headers.authorization, body })
    response.statusCode = answer.status
    response.end(JSON.stringify(answer.body))
  }).listen(0)
  await once(server, 'listening')
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  cloudFormation.reset()
  cognito.reset()
})
afterEach(async () => {
  if (before === undefined) delete process.env.AWS_ENDPOINT_URL
  else process.env.AWS_ENDPOINT_URL = before
  server.close()
  await once(server, 'close')
})

const place = { account: '111122223333', region: 'eu-central-1' }
const stackWith = (outputs: Record<string, string>, environment = 'prod') =>
  cloudFormation.on(DescribeStacksCommand, { StackName: `create-order-${environment}-stateful` }).resolves({
    Stacks: [
      {
        StackName: `create-order-${environment}-stateful`,
        StackId: `arn:aws:cloudformation:eu-central-1:111122223333:stack/create-order-${environment}-stateful/1`,
        CreationTime: new Date(0),
        StackStatus: 'CREATE_COMPLETE',
        Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
      },
    ],
  })
const cognitoStack = () =>
  stackWith({
    TokenIssuerTokenUrl5CD79489: `${url}/oauth2/token`,
    TokenIssuerUserPoolId99E3D5A2: 'pool-1',
    TokenIssuerClients1A6CF876: '{"smoke-tests":"client-1","support":"client-2"}',
  })

describe('a token', () => {
  test('comes from the embedded cloud if the environment is local', async () => {
    stackWith({}, 'dev')
    process.env.AWS_ENDPOINT_URL = url
    answer.body = { token: 'token-1' }

    expect(await getToken({ env: 'local' }, { scope: 'orders/read', sub: 'shop-7' })).toEqual({
      place: { environment: 'local', endpoint: url, ...place },
      token: 'token-1',
    })

    expect(asked).toMatchObject([{ path: '/_local/token', body: '{"sub":"shop-7","scope":"orders/read"}' }])
  })

  test('on AWS is for a client of the config, by the client credentials grant', async () => {
    cognitoStack()
    cognito
      .on(DescribeUserPoolClientCommand, { UserPoolId: 'pool-1', ClientId: 'client-1' })
      .resolves({ UserPoolClient: { ClientSecret: 'secret-1' } })
    answer.body = { access_token: 'token-2' }

    expect(await getToken({ env: 'prod' }, { scope: 'orders/read orders/write' })).toEqual({
      place: { environment: 'prod', endpoint: 'AWS', ...place },
      token: 'token-2',
    })

    expect(asked).toEqual([
      {
        path: '/oauth2/token',
        authorization: `Basic ${btoa('client-1:secret-1')}`,
        body: 'grant_type=client_credentials&scope=orders%2Fread+orders%2Fwrite',
      },
    ])
  })

  test("on AWS has all of its client's scopes, unless some are requested", async () => {
    cognitoStack()
    cognito
      .on(DescribeUserPoolClientCommand, { UserPoolId: 'pool-1', ClientId: 'client-2' })
      .resolves({ UserPoolClient: { ClientSecret: 'secret-2' } })
    answer.body = { access_token: 'token-3' }

    await getToken({ env: 'prod' }, { client: 'support' })

    expect(asked).toEqual([
      {
        path: '/oauth2/token',
        authorization: `Basic ${btoa('client-2:secret-2')}`,
        body: 'grant_type=client_credentials',
      },
    ])
  })

  test('is refused if another issuer is configured', async () => {
    stackWith({})

    await expect(getToken({ env: 'prod' }, { scope: 'orders/read' })).rejects.toMatchObject({
      message:
        'prod accepts tokens of your own OpenID Connect issuer and has no Cognito pool: get a token from that issuer.',
      exitCode: 1,
    })
  })

  test.each([
    ['a client that the config does not have', { client: 'acme' }],
    ['a subject', { sub: 'shop-7' }],
  ])('for %s is refused on AWS', async (_, request) => {
    cognitoStack()

    await expect(getToken({ env: 'prod' }, request)).rejects.toMatchObject({
      message: expect.stringContaining('--client must be one of smoke-tests, support'),
      exitCode: 2,
    })
    expect(asked).toEqual([])
  })

  test("fails with the issuer's own message if the issuer refuses it", async () => {
    stackWith({}, 'dev')
    process.env.AWS_ENDPOINT_URL = url
    answer = { status: 400, body: { message: 'no such scope' } }

    await expect(getToken({ env: 'local' }, { scope: 'x' })).rejects.toThrow(
      `${url}/_local/token answered 400: {"message":"no such scope"}`,
    )
  })

  test('fails if nothing listens', async () => {
    stackWith({}, 'dev')
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1'

    await expect(getToken({ env: 'local' }, { scope: 'x' })).rejects.toThrow(
      'POST http://127.0.0.1:1/_local/token got no answer.',
    )
  })
})
