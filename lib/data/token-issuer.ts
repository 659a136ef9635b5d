import { CfnOutput, Stack, Validations } from 'aws-cdk-lib'
import * as cognito from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'
import { constructIdOf, mapValues } from '../lanes.ts'
import type { Settings } from '../settings.ts'
import { uniqueNameOf } from './retention.ts'

/** Who issues the API's tokens, and for whom they must be meant. */
export interface JwtIssuer {
  issuer: string
  audience: string[]
}

const scopesOf = { shop: ['write', 'read'], support: ['read:all'] } as const

/** A Cognito user pool without users, with a machine-to-machine client for each line of the config. */
export class TokenIssuer extends Construct implements JwtIssuer {
  readonly issuer: string
  readonly audience: string[]

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id)
    const pool = new cognito.UserPool(this, 'UserPool', {
      selfSignUpEnabled: false,
      accountRecovery: cognito.AccountRecovery.NONE,
      deletionProtection: settings.retainData,
    })
    const scopes = {
      write: { scopeName: 'write', scopeDescription: 'Place and change own orders' },
      read: { scopeName: 'read', scopeDescription: 'Read own orders' },
      'read:all': { scopeName: 'read:all', scopeDescription: 'Read every order' },
    }
    const server = pool.addResourceServer('Orders', { identifier: 'orders', scopes: Object.values(scopes) })
    const clientIds = mapValues(settings.clients, (role, name) => {
      const { userPoolClientId } = pool.addClient(`${constructIdOf(name)}Client`, {
        generateSecret: true,
        authFlows: {},
        oAuth: {
          flows: { clientCredentials: true },
          scopes: scopesOf[role].map((each) => cognito.OAuthScope.resourceServer(server, scopes[each])),
        },
      })
      return userPoolClientId
    })
    const domain = pool.addDomain('Domain', { cognitoDomain: { domainPrefix: uniqueNameOf(settings) } })
    this.issuer = pool.userPoolProviderUrl
    this.audience = Object.values(clientIds)

    new CfnOutput(this, 'TokenUrl', { value: `${domain.baseUrl()}/oauth2/token` })
    new CfnOutput(this, 'UserPoolId', { value: pool.userPoolId })
    new CfnOutput(this, 'Clients', { value: Stack.of(this).toJsonString(clientIds) })

    const noUsers = 'The pool has no users and nobody can sign up: it only issues tokens to machine clients.'
    for (const check of ['COG1', 'COG2', 'COG3', 'COG8'])
      Validations.of(pool).acknowledge({ id: `AwsSolutions-${check}`, reason: noUsers })
  }
}
