import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import * as z from 'zod/mini'
import { CommandError } from './cli/command-error.ts'
import { clientConfig, localEndpoint, locate, type Target } from './cli/environment.ts'
import { request } from './cli/http.ts'
import { inEnvironment, print, type Tool, tellPlace } from './cli/program.ts'

/** The token to get: on AWS for a client of the config, which is also the subject; locally for any subject. */
export type TokenRequest = Partial<Record<'scope' | 'sub' | 'client', string | undefined>>

/** https://datatracker.ietf.org/doc/html/rfc6749#section-4.4.3 */
const issuerAnswer = z.object({ access_token: z.string() })

async function localToken({ port }: Target, { scope, sub }: TokenRequest): Promise<string> {
  const body = JSON.stringify({ sub: sub ?? 'shop-1', scope: scope ?? 'orders/write orders/read' })
  const headers = { 'content-type': 'application/json' }
  const answer = await request(`${localEndpoint(port)}/_local/token`, { method: 'POST', headers, body })
  return z.parse(z.object({ token: z.string() }), answer.body).token
}

/** The stack's own issuer: https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html */
async function cognitoToken(
  target: Target,
  outputs: Map<string, string>,
  { scope, sub, client: name = 'smoke-tests' }: TokenRequest,
): Promise<string> {
  const [url, UserPoolId, clients] = ['TokenUrl', 'UserPoolId', 'Clients'].map((output) =>
    outputs.get(`TokenIssuer${output}`),
  )
  if (url === undefined || UserPoolId === undefined || clients === undefined)
    throw new CommandError(
      'failed',
      `${target.env} accepts tokens of your own OpenID Connect issuer and has no Cognito pool: get a token from that issuer.`,
    )
  const ids = z.parse(z.record(z.string(), z.string()), JSON.parse(clients))
  const ClientId = ids[name]
  if (sub !== undefined || ClientId === undefined)
    throw new CommandError(
      'usage',
      `On AWS a token is for a client: --client must be one of ${Object.keys(ids).join(', ')}, and --sub is not allowed.`,
    )
  const client = new CognitoIdentityProviderClient(clientConfig(target))
  const { UserPoolClient } = await client.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }))
  const credentials = Buffer.from(`${ClientId}:${UserPoolClient?.ClientSecret ?? ''}`).toString('base64')
  const headers = { authorization: `Basic ${credentials}` }
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) })
  const answer = await request(url, { method: 'POST', headers, body })
  return z.parse(issuerAnswer, answer.body).access_token
}

/** @throws {CommandError} if the issuer is not the stack's, or answers with an error */
export async function getToken(target: Target, asked: TokenRequest) {
  const { place, outputs } = await locate(target)
  if (target.env === 'local') return { place, token: await localToken(target, asked) }
  return { place, token: await cognitoToken(target, outputs, asked) }
}

export const addTo = (tool: Tool) =>
  inEnvironment(tool)
    .option('--scope <scopes>', 'space-separated (on AWS all scopes of the client by default)')
    .option('--client <name>', 'on AWS: a client of the config (default: smoke-tests)')
    .option('--sub <subject>', 'locally: the owner of the orders (default: shop-1)')
    .action(async (options) => {
      const { place, token } = await getToken(options, options)
      tellPlace(place)
      print({ lines: [token], json: { token } }, options, place)
    })
