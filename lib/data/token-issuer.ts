import { CfnOutput, Stack, Validations } from 'aws-cdk-lib'
import * as cognito from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'
import { constructIdOf, mapValues } from '../names.ts'
import type { Settings } from '../settings.ts'
import { uniqueNameOf } from './retention.ts'

/** The issuer of the API's tokens, and the audiences that they may have. */
export interface JwtIssuer {
  issuer: string
  audience: string[]
  /** The claim that names the shop. Default: `sub`. `scope` means the scope shop/NAME. */
  ownerClaim?: string
}

/** A shop is a scope, so that it keeps its orders when its client is replaced. */
const scopesOf = {
  shop: (name: string) => ['orders/write', 'orders/read', `shop/${name}`],
  marketplace: () => ['orders/write', 'orders/read', 'orders/on-behalf'],
  support: () => ['orders/read:all'],
}

/** A Cognito user pool without users, with a machine-to-machine client for each client in the config. */
export class TokenIssuer extends Construct implements JwtIssuer {
  readonly issuer: string
  readonly audience: string[]
  readonly ownerClaim = 'scope'

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id)
    const pool = new cognito.UserPool(this, 'UserPool', {
      selfSignUpEnabled: false,
      accountRecovery: cognito.AccountRecovery.NONE,
      deletionProtection: settings.retainData,
    })
    const addScopes = (id: string, identifier: string, names: string[]) => {
      const scopes = names.map((name) => ({ scopeName: name, scopeDescription: `${identifier}/${name}` }))
      return pool.addResourceServer(id, { identifier, scopes })
    }
    const shops = Object.keys(settings.clients).filter((name) => settings.clients[name] === 'shop')
    const servers = [
      addScopes('Orders', 'orders', ['write', 'read', 'read:all', 'on-behalf']),
      addScopes('Shops', 'shop', shops),
    ]
    const clientIds = mapValues(settings.clients, (role, name) => {
      const client = pool.addClient(`${constructIdOf(name)}Client`, {
        generateSecret: true,
        authFlows: {},
        oAuth: {
          flows: { clientCredentials: true },
          scopes: scopesOf[role](name).map((each) => cognito.OAuthScope.custom(each)),
        },
      })
      client.node.addDependency(...servers)
      return client.userPoolClientId
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
