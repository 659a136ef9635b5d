import { CfnOutput, Validations } from 'aws-cdk-lib'
import * as cognito from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'
import type { Settings } from '../config.ts'
import { uniqueNameOf } from './retention.ts'

/** Who issues the API's tokens, and for whom they must be meant. */
export interface JwtIssuer {
  issuer: string
  audience: string[]
}

/** A Cognito user pool without users, with one machine-to-machine client that gets tokens for all scopes. */
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
    const scopes = [
      new cognito.ResourceServerScope({
        scopeName: 'write',
        scopeDescription: 'Place and change own orders',
      }),
      new cognito.ResourceServerScope({ scopeName: 'read', scopeDescription: 'Read own orders' }),
      new cognito.ResourceServerScope({ scopeName: 'read:all', scopeDescription: 'Read every order' }),
    ]
    const resourceServer = pool.addResourceServer('Orders', { identifier: 'orders', scopes })
    const client = pool.addClient('MachineClient', {
      generateSecret: true,
      authFlows: {},
      oAuth: {
        flows: { clientCredentials: true },
        scopes: scopes.map((each) => cognito.OAuthScope.resourceServer(resourceServer, each)),
      },
    })
    const domain = pool.addDomain('Domain', { cognitoDomain: { domainPrefix: uniqueNameOf(settings) } })
    this.issuer = pool.userPoolProviderUrl
    this.audience = [client.userPoolClientId]

    new CfnOutput(this, 'TokenUrl', { value: `${domain.baseUrl()}/oauth2/token` })
    new CfnOutput(this, 'UserPoolId', { value: pool.userPoolId })
    new CfnOutput(this, 'ClientId', { value: client.userPoolClientId })

    const noUsers = 'The pool has no users and nobody can sign up: it only issues tokens to machine clients.'
    for (const check of ['COG1', 'COG2', 'COG3', 'COG8'])
      Validations.of(pool).acknowledge({ id: `AwsSolutions-${check}`, reason: noUsers })
  }
}
