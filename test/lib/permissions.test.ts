import { expect, test } from '@jest/globals'
import { loadSettings } from '../../bin/environments.ts'
import { laneIdOf } from '../../lib/names.ts'
import { nameOf, resources } from './templates.ts'

type Permissions = Record<string, string[]>

const functions = resources('prod', 'stateless', 'AWS::Lambda::Function')
const policies = resources('prod', 'stateless', 'AWS::IAM::Policy')
const roles = new Map(resources('prod', 'stateless', 'AWS::IAM::Role'))

/** A resource in a policy, by name: `OrderTable`, `OrderTable/index/byOwner`, `LogisticsCarrierQueue`, `*`. */
function resourceName(resource: string | Record<string, unknown>): string {
  if (typeof resource === 'string') return resource
  const { 'Fn::Join': join } = resource as { 'Fn::Join'?: [string, (string | Record<string, unknown>)[]] }
  return join ? join[1].map(resourceName).join('') : nameOf(resource)
}

/** What a role may do: the actions, by resource. */
function permissionsOf(roleId: string): Permissions {
  const permissions: Permissions = {}
  const statements = policies
    .filter(([, { Properties }]) => Properties.Roles.some((role: { Ref: string }) => role.Ref === roleId))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
  for (const { Effect, Action, Resource } of statements) {
    expect(Effect).toBe('Allow')
    for (const name of [Resource].flat().map(resourceName)) {
      permissions[name] = [...(permissions[name] ?? []), ...[Action].flat()].sort()
    }
  }
  return permissions
}

const tracing = { '*': ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'] }
const writeLogs = ['logs:CreateLogStream', 'logs:PutLogEvents']
const publish = { Bus: ['events:PutEvents'] }
const readAndChangeOrders = { OrderTable: ['dynamodb:GetItem', 'dynamodb:UpdateItem'] }

/** What every worker of a queue may do, and a listener nothing else. */
const queueWorker = (construct: string): Permissions => ({
  ...tracing,
  [`${construct}WorkerLogs`]: writeLogs,
  IdempotencyTable: ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  [`${construct}Queue`]: [
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
  ],
  [`${construct}DeadLetterQueue`]: ['sqs:SendMessage'],
})

const stepWorker = (lane: string): Permissions => ({
  ...queueWorker(lane),
  ...publish,
  ...readAndChangeOrders,
  CircuitBreakerTable: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
  [`${lane}Secret`]: ['secretsmanager:GetSecretValue'],
})

/** The constructs of the lanes. */
const lanes = Object.entries(loadSettings('prod').vendors).map(([name, { step }]) => laneIdOf(step, name))
/** What each lane's part of a permission is, together. */
const ofEachLane = (permissionsFor: (lane: string) => Permissions): Permissions =>
  Object.assign({}, ...lanes.map(permissionsFor))

/** By the function's construct. */
const expected: Record<string, Permissions> = {
  ApiCreateOrder: {
    ...tracing,
    ...publish,
    ApiCreateOrderLogs: writeLogs,
    OrderTable: ['dynamodb:PutItem'],
  },
  ApiGetOrder: { ...tracing, ApiGetOrderLogs: writeLogs, OrderTable: ['dynamodb:GetItem'] },
  ApiListOrders: {
    ...tracing,
    ApiListOrdersLogs: writeLogs,
    'OrderTable/index/byOwner': ['dynamodb:Query'],
    OrderTable: ['dynamodb:BatchGetItem'],
  },
  ApiCancelOrder: { ...tracing, ...publish, ...readAndChangeOrders, ApiCancelOrderLogs: writeLogs },
  ApiCorrectOrder: { ...tracing, ...readAndChangeOrders, ApiCorrectOrderLogs: writeLogs },
  ...Object.fromEntries(lanes.map((lane) => [`${lane}Worker`, stepWorker(lane)])),
  OutboxRelay: {
    ...tracing,
    ...publish,
    OutboxRelayLogs: writeLogs,
    'OrderTable/index/outbox': ['dynamodb:Query'],
    'OrderTable/index/deadLetters': ['dynamodb:Query'],
    OrderTable: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'],
    CircuitBreakerTable: ['dynamodb:GetItem'],
    IdempotencyTable: ['dynamodb:UpdateItem'],
    ...ofEachLane((lane) => ({
      [`${lane}Queue`]: ['sqs:GetQueueAttributes', 'sqs:SendMessage'],
      [`${lane}DeadLetterQueue`]: ['sqs:SendMessage'],
    })),
  },
}

test.each(functions.map(([, { Properties }]) => Properties))(
  '$Handler may do exactly what it does',
  (props) => {
    const construct = nameOf(props.Role).replace(/Role$/, '')
    const asListener = queueWorker(construct.replace(/Worker$/, ''))
    expect(permissionsOf(props.Role['Fn::GetAtt'][0])).toEqual(expected[construct] ?? asListener)
  },
)

test('every function has a role of its own, with no managed policy', () => {
  const used = functions.map(([, { Properties }]) => Properties.Role['Fn::GetAtt'][0])
  expect(new Set(used).size).toBe(used.length)
  for (const id of used) expect(roles.get(id)?.Properties.ManagedPolicyArns).toBeUndefined()
})

test('the schedule may do nothing but invoke the relay', () => {
  const [[, schedule]] = resources('prod', 'stateless', 'AWS::Scheduler::Schedule') as [[string, never]]
  const { Target } = (schedule as { Properties: { Target: Record<string, { 'Fn::GetAtt': [string] }> } })
    .Properties
  expect(permissionsOf(Target.RoleArn?.['Fn::GetAtt'][0] ?? '')).toEqual({
    OutboxRelayFunction: ['lambda:InvokeFunction'],
  })
})
