import { expect, test } from '@jest/globals'
import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { loadSettings } from '../../bin/environments.ts'
import { mapValues } from '../../lib/names.ts'
import { StatefulStack } from '../../lib/stateful-stack.ts'
import { stacksOf } from './stacks.ts'
import { type Resource, resources, template } from './templates.ts'

const tables = new Map(resources('prod', 'stateful', 'AWS::DynamoDB::Table'))
const table = (logicalId: string) => tables.get(logicalId)?.Properties

const keyedBy = (AttributeName: string) => ({ KeySchema: [{ AttributeName, KeyType: 'HASH' }] })
const unique = {
  'Fn::Join': [
    '',
    ['create-order-prod-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }],
  ],
}
const pool = { UserPoolId: { Ref: 'TokenIssuerUserPoolCA094C6A' } }

/** Renaming one of these makes CloudFormation replace it, and what it holds is lost. So does changing one of these properties. */
const pinned = {
  OrderTable416EB896: { Type: 'AWS::DynamoDB::Table', ...keyedBy('orderId') },
  IdempotencyTable22A5A209: { Type: 'AWS::DynamoDB::Table', ...keyedBy('id') },
  CircuitBreakerTable02DAD2B8: { Type: 'AWS::DynamoDB::Table', ...keyedBy('vendor') },
  BusEA82B648: { Type: 'AWS::Events::EventBus', Name: unique },
  BusArchiveD76499E2: { Type: 'AWS::Events::Archive', SourceArn: { 'Fn::GetAtt': ['BusEA82B648', 'Arn'] } },
  LogisticsCarrierSecret6FAE67C3: { Type: 'AWS::SecretsManager::Secret' },
  WmsWarehouseSecretD82A4579: { Type: 'AWS::SecretsManager::Secret' },
  TokenIssuerUserPoolCA094C6A: { Type: 'AWS::Cognito::UserPool' },
  TokenIssuerUserPoolOrders6A0D828D: {
    Type: 'AWS::Cognito::UserPoolResourceServer',
    Identifier: 'orders',
    ...pool,
  },
  TokenIssuerUserPoolShopsAC9FC44F: {
    Type: 'AWS::Cognito::UserPoolResourceServer',
    Identifier: 'shop',
    ...pool,
  },
  TokenIssuerUserPoolSmokeTestsClient4E72164E: {
    Type: 'AWS::Cognito::UserPoolClient',
    GenerateSecret: true,
    ...pool,
  },
  TokenIssuerUserPoolSupportClientD2DFBF70: {
    Type: 'AWS::Cognito::UserPoolClient',
    GenerateSecret: true,
    ...pool,
  },
  TokenIssuerUserPoolDomainD2DC3994: { Type: 'AWS::Cognito::UserPoolDomain', Domain: unique, ...pool },
}

/** What the schemas of these types call createOnlyProperties: https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schemas.html */
const createOnly = [
  ...['TableName', 'KeySchema', 'ImportSourceSpecification', 'ArchiveName', 'SourceArn', 'Identifier'],
  ...['GenerateSecret', 'UserPoolId', 'Domain'],
]
const nameIsCreateOnly = ['AWS::Events::EventBus', 'AWS::SecretsManager::Secret']

// A weak reference would not tell the other stack: what has to be replaced gets another construct id, and so another output.
test('what holds data keeps its logical id, and all that CloudFormation would replace it for', () => {
  const { Resources } = template('prod', 'stateful').toJSON()
  // The secret of a lane that was added since is nothing that could be lost.
  const known = Object.entries<Resource>(Resources).filter(([id]) => id in pinned || !/Secret\w{8}$/.test(id))
  const kept = known.map(([id, { Type, Properties }]) => {
    const names = nameIsCreateOnly.includes(Type) ? [...createOnly, 'Name'] : createOnly
    return [
      id,
      { Type, ...Object.fromEntries(Object.entries(Properties).filter(([name]) => names.includes(name))) },
    ]
  })
  expect(Object.fromEntries(kept)).toEqual(pinned)
})

/** Types whose names need only be unique in what they belong to, or nowhere. */
const namedWithin = [
  ...['AWS::ApiGatewayV2::Api', 'AWS::ApiGatewayV2::Authorizer', 'AWS::ApiGatewayV2::Stage'],
  ...['AWS::Cognito::UserPoolResourceServer', 'AWS::IAM::Policy', 'AWS::Lambda::Alias'],
]
/** Properties that name another thing than the resource. */
const namesAnother = ['DisplayName', 'MetricName', 'DeploymentConfigName']

test.each(['stateful', 'stateless'] as const)(
  'no name in the %s stack can be taken: by another environment of the account, or by what a failed creation left',
  (kind) => {
    const fixed = Object.entries<Resource>(template('prod', kind).toJSON().Resources)
      .filter(([, { Type }]) => !namedWithin.includes(Type))
      .flatMap(([id, { Properties }]) =>
        Object.entries(Properties)
          .filter(([property]) => /Name$|^Domain$/.test(property) && !namesAnother.includes(property))
          .filter(([, value]) => typeof value === 'string')
          .map(([property]) => `${id}.${property}`),
      )
    expect(fixed).toEqual([])
  },
)

test('an order is found by its id, by its owner in order of creation, by its AWB, by when it is due, and by where it is dead-lettered', () => {
  const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = table('OrderTable416EB896')
  expect(KeySchema).toEqual([{ AttributeName: 'orderId', KeyType: 'HASH' }])
  expect(GlobalSecondaryIndexes).toEqual([
    {
      IndexName: 'byOwner',
      KeySchema: [
        { AttributeName: 'ownerId', KeyType: 'HASH' },
        { AttributeName: 'createdAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
    {
      IndexName: 'byAwb',
      KeySchema: [
        { AttributeName: 'awb', KeyType: 'HASH' },
        { AttributeName: 'createdAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
    {
      IndexName: 'outbox',
      KeySchema: [
        { AttributeName: 'outboxPartition', KeyType: 'HASH' },
        { AttributeName: 'outboxDueAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
    {
      IndexName: 'deadLetters',
      KeySchema: [
        { AttributeName: 'deadLetterPartition', KeyType: 'HASH' },
        { AttributeName: 'deadLetteredAt', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ])
  for (const { AttributeType } of AttributeDefinitions) expect(AttributeType).toBe('S')
})

test('orders and locks expire by themselves, breakers never do', () => {
  expect(table('OrderTable416EB896').TimeToLiveSpecification.AttributeName).toBe('expiresAt')
  expect(table('IdempotencyTable22A5A209').TimeToLiveSpecification.AttributeName).toBe('expiration')
  expect(table('CircuitBreakerTable02DAD2B8').TimeToLiveSpecification).toBeUndefined()
})

test('every table can be restored to any moment, and is paid by the request', () => {
  template('prod', 'stateful').allResourcesProperties('AWS::DynamoDB::Table', {
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    BillingMode: 'PAY_PER_REQUEST',
  })
})

test('in prod nothing stateful goes with the stack, except what its failed creation takes back', () => {
  const { Resources } = template('prod', 'stateful').toJSON()
  for (const resource of Object.values<Record<string, string>>(Resources)) {
    expect(resource).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' })
  }
  template('prod', 'stateful').allResourcesProperties('AWS::DynamoDB::Table', {
    DeletionProtectionEnabled: true,
  })
})

test('in dev everything goes with the stack', () => {
  const { Resources } = template('dev', 'stateful').toJSON()
  for (const resource of Object.values<Record<string, string>>(Resources)) {
    expect(resource.DeletionPolicy).toBe('Delete')
  }
})

test("the archive keeps our events and nobody else's", () => {
  template('prod', 'stateful').hasResourceProperties('AWS::Events::Archive', {
    EventPattern: { source: ['orders'] },
  })
})

test('the user pool knows the scopes that the API asks for, and gives them to machines only', () => {
  const stack = template('prod', 'stateful')
  stack.hasResourceProperties('AWS::Cognito::UserPoolResourceServer', {
    Identifier: 'orders',
    Scopes: ['write', 'read', 'read:all', 'on-behalf'].map((ScopeName) => Match.objectLike({ ScopeName })),
  })
  for (const AllowedOAuthScopes of [['orders/write', 'orders/read', 'shop/smoke-tests'], ['orders/read:all']])
    stack.hasResourceProperties('AWS::Cognito::UserPoolClient', {
      AllowedOAuthFlows: ['client_credentials'],
      AllowedOAuthScopes,
      GenerateSecret: true,
    })
})

test('a shop is a scope that its client alone has, a marketplace names the shop, and every client waits for the scopes', () => {
  const settings = loadSettings('prod')
  const clients = { acme: 'shop', globex: 'shop', bazaar: 'marketplace', support: 'support' } as const
  const { stateful, stateless } = stacksOf({ ...settings, clients })

  const servers = Object.entries(stateful.findResources('AWS::Cognito::UserPoolResourceServer'))
  expect(
    servers.map(([, { Properties }]) =>
      Properties.Scopes.map((each: { ScopeName: string }) => `${Properties.Identifier}/${each.ScopeName}`),
    ),
  ).toEqual([
    ['orders/write', 'orders/read', 'orders/read:all', 'orders/on-behalf'],
    ['shop/acme', 'shop/globex'],
  ])
  const made = Object.values(stateful.findResources('AWS::Cognito::UserPoolClient'))
  expect(made.map(({ Properties }) => Properties.AllowedOAuthScopes)).toEqual([
    ['orders/write', 'orders/read', 'shop/acme'],
    ['orders/write', 'orders/read', 'shop/globex'],
    ['orders/write', 'orders/read', 'orders/on-behalf'],
    ['orders/read:all'],
  ])
  for (const { DependsOn } of made)
    expect(DependsOn).toEqual(expect.arrayContaining(servers.map(([id]) => id)))
  const withOwner = { Environment: { Variables: Match.objectLike({ OWNER_CLAIM: 'scope' }) } }
  stateless.resourcePropertiesCountIs('AWS::Lambda::Function', withOwner, 5)
})

test("the tokens of an issuer of one's own name the shop by their subject, or the claim that the config names", () => {
  const settings = loadSettings('prod')
  const jwt = { issuer: 'https://id.example/', audience: ['orders'] }
  for (const [ownerClaim, expected] of [
    [undefined, 'sub'],
    ['tenant', 'tenant'],
  ] as const) {
    const { stateless } = stacksOf({ ...settings, jwt: { ...jwt, ...(ownerClaim && { ownerClaim }) } })
    const withOwner = { Environment: { Variables: Match.objectLike({ OWNER_CLAIM: expected }) } }
    stateless.resourcePropertiesCountIs('AWS::Lambda::Function', withOwner, 5)
  }
})

test('each client of the config has its own credentials, and the API takes the tokens of all', () => {
  const settings = loadSettings('prod')
  const { stateful, stateless } = stacksOf({ ...settings, clients: { acme: 'shop', globex: 'shop' } })
  stateful.resourceCountIs('AWS::Cognito::UserPoolClient', 2)
  const [authorizer] = Object.values(stateless.findResources('AWS::ApiGatewayV2::Authorizer'))
  expect(authorizer?.Properties.JwtConfiguration.Audience).toHaveLength(2)
})

test('a deployment with an issuer of its own gets no user pool', () => {
  template('fast', 'stateful').resourceCountIs('AWS::Cognito::UserPool', 0)
})

test('a deployment that names an existing secret gets that one, and none made', () => {
  const settings = loadSettings('prod')
  const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:carrier-key-AbCdEf'
  const vendors = mapValues(settings.vendors, (vendor, name) =>
    name === 'carrier' ? { ...vendor, secretArn } : vendor,
  )
  const app = new App()
  const data = new StatefulStack(app, 'stateful', { settings: { ...settings, vendors } })

  const made = Object.keys(Template.fromStack(data).findResources('AWS::SecretsManager::Secret'))

  expect(made).toContainEqual(expect.stringMatching(/^WmsWarehouseSecret/))
  expect(made).not.toContainEqual(expect.stringMatching(/^LogisticsCarrierSecret/))
  expect(data.vendorSecrets.carrier?.secretArn).toBe(secretArn)
})
