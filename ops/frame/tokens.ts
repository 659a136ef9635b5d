import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import * as z from 'zod/mini'
import { CommandError } from './command-error.ts'
import { clientConfig, type EnvironmentName, localEndpoint, readOutputs } from './environment.ts'

/** What the token shall say. */
export interface TokenRequest {
  scope: string
  sub?: string | undefined
}

const timeoutMs = 10_000
const localAnswer = z.object({ token: z.string() })
/** https://datatracker.ietf.org/doc/html/rfc6749#section-4.4.3 */
const issuerAnswer = z.object({ access_token: z.string() })

async function post(url: string, init: RequestInit): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(url, { ...init, method: 'POST', signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    throw new CommandError('failed', `${url} cannot be reached.`, { cause: error })
  }
  const body = await response.text()
  if (response.ok) return JSON.parse(body)
  throw new CommandError('failed', `${url} answered ${response.status}: ${body.slice(0, 300)}`)
}

async function localToken({ scope, sub = 'shop-1' }: TokenRequest): Promise<string> {
  const answer = await post(`${localEndpoint()}/_local/token`, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub, scope }),
  })
  return z.parse(localAnswer, answer).token
}

/** The stack's own issuer: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html */
async function cognitoToken(name: EnvironmentName, { scope, sub }: TokenRequest): Promise<string> {
  const outputs = await readOutputs(name)
  const [url, UserPoolId, ClientId] = ['TokenUrl', 'UserPoolId', 'ClientId'].map((output) =>
    outputs.get(`TokenIssuer${output}`),
  )
  if (url === undefined || UserPoolId === undefined || ClientId === undefined)
    throw new CommandError(
      'failed',
      `${name} takes the tokens of an OpenID Connect issuer of your own, not of a Cognito pool of the stack: get one there.`,
    )
  if (sub !== undefined)
    throw new CommandError(
      'usage',
      `The subject cannot be chosen on AWS: it is the machine client, ${ClientId}.`,
    )
  const client = new CognitoIdentityProviderClient(clientConfig(name))
  const { UserPoolClient } = await client.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }))
  const credentials = Buffer.from(`${ClientId}:${UserPoolClient?.ClientSecret ?? ''}`).toString('base64')
  const answer = await post(url, {
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  })
  return z.parse(issuerAnswer, answer).access_token
}

/**
 * Gets a token for an environment's API.
 * @throws {CommandError} where its issuer is not ours, or gives none
 */
export const getToken = (name: EnvironmentName, request: TokenRequest): Promise<string> =>
  name === 'local' ? localToken(request) : cognitoToken(name, request)
