import { expect, test } from '@jest/globals'
import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { loadSettings } from '../../lib/config.ts'
import { mapValues } from '../../lib/lanes.ts'
import { StatefulStack } from '../../lib/stateful-stack.ts'
import { resources, template } from './templates.ts'

const tables = new Map(resources('prod', 'stateful', 'AWS::DynamoDB::Table'))
const table = (logicalId: string) => tables.get(logicalId)?.Properties

/** Renaming one of these makes CloudFormation replace it, and what it holds is lost. */
const pinned = {
  OrderTable416EB896: 'AWS::DynamoDB::Table',
  IdempotencyTable22A5A209: 'AWS::DynamoDB::Table',
  CircuitBreakerTable02DAD2B8: 'AWS::DynamoDB::Table',
  BusEA82B648: 'AWS::Events::EventBus',
  BusArchiveD76499E2: 'AWS::Events::Archive',
  LogisticsCarrierSecret6FAE67C3: 'AWS::SecretsManager::Secret',
  WmsWarehouseSecretD82A4579: 'AWS::SecretsManager::Secret',
  TokenIssuerUserPoolCA094C6A: 'AWS::Cognito::UserPool',
  TokenIssuerUserPoolOrders6A0D828D: 'AWS::Cognito::UserPoolResourceServer',
  TokenIssuerUserPoolMachineClientBCF0AD26: 'AWS::Cognito::UserPoolClient',
  TokenIssuerUserPoolDomainD2DC3994: 'AWS::Cognito::UserPoolDomain',
}

test('what holds data keeps its logical id', () => {
  const { Resources } = template('prod', 'stateful').toJSON()
  const types = Object.entries<{ Type: string }>(Resources).map(([id, { Type }]) => [id, Type])
  expect(Object.fromEntries(types)).toEqual(pinned)
})

test('an order is found by its id, by its owner in order of creation, by when it is due, and by where it is dead-lettered', () => {
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

test('in prod nothing stateful goes with the stack', () => {
  const { Resources } = template('prod', 'stateful').toJSON()
  for (const resource of Object.values<Record<string, string>>(Resources)) {
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' })
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
    Scopes: ['write', 'read', 'read:all'].map((ScopeName) => Match.objectLike({ ScopeName })),
  })
  stack.hasResourceProperties('AWS::Cognito::UserPoolClient', {
    AllowedOAuthFlows: ['client_credentials'],
    GenerateSecret: true,
  })
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

  expect(made).toEqual([expect.stringMatching(/^WmsWarehouseSecret/)])
  expect(data.vendorSecrets.carrier?.secretArn).toBe(secretArn)
})
