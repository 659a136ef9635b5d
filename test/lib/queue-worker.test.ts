import { expect, test } from '@jest/globals'
import { loadSettings } from '../../bin/environments.ts'
import { laneIdOf } from '../../lib/names.ts'
import { nameOf, type Resource, resources, template } from './templates.ts'

const queues = resources('prod', 'stateless', 'AWS::SQS::Queue')
const mappings = resources('prod', 'stateless', 'AWS::Lambda::EventSourceMapping')
const rules = resources('prod', 'stateless', 'AWS::Events::Rule')
const functions = new Map(resources('prod', 'stateless', 'AWS::Lambda::Function'))

const idOf = (reference: { 'Fn::GetAtt': [string, string] }) => reference['Fn::GetAtt'][0]
const queueOf = (mapping: Resource) =>
  new Map(queues).get(idOf(mapping.Properties.EventSourceArn)) as Resource
const workerOf = (mapping: Resource) => functions.get(mapping.Properties.FunctionName.Ref) as Resource

const lanes = Object.entries(loadSettings('prod').vendors)

test.each(lanes)('the queue of %s gets what our bus has for its lane, and nothing else', (name, { step }) => {
  const construct = laneIdOf(step, name)
  const [, rule] = rules.find(([id]) => id.startsWith(construct)) as [string, Resource]
  expect(rule.Properties.EventPattern).toEqual({
    source: ['orders'],
    detail: { data: { lane: [name] } },
  })
  expect(nameOf(rule.Properties.EventBusName)).toBe('Bus')
  expect(idOf(rule.Properties.Targets[0].Arn)).toMatch(`${construct}Queue`)
})

test('what EventBridge cannot deliver goes to a queue of its own', () => {
  const queueIds = queues.map(([id]) => id)
  for (const [, rule] of rules) {
    for (const target of rule.Properties.Targets) {
      expect(queueIds).toContain(idOf(target.DeadLetterConfig.Arn))
      expect(idOf(target.DeadLetterConfig.Arn)).toMatch('UndeliveredQueue')
    }
  }
})

test('every queue that a worker reads gives a message up to its DLQ after ten receives', () => {
  expect(mappings).not.toHaveLength(0)
  for (const [, mapping] of mappings) {
    const { deadLetterTargetArn, maxReceiveCount } = queueOf(mapping).Properties.RedrivePolicy
    expect(maxReceiveCount).toBe(10)
    expect(idOf(deadLetterTargetArn)).toMatch('DeadLetterQueue')
    expect(`${maxReceiveCount}`).toBe(workerOf(mapping).Properties.Environment.Variables.MAX_RECEIVE_COUNT)
  }
})

test('every queue is a DLQ, has one, or takes what a rule could not deliver', () => {
  for (const [id, queue] of queues) {
    const isReserve = /DeadLetterQueue|UndeliveredQueue/.test(id)
    expect(isReserve || queue.Properties.RedrivePolicy !== undefined).toBe(true)
  }
})

test('a DLQ keeps messages longer than the queue that they come from, whose clock goes on', () => {
  const fourDaysByDefault = 4 * 86_400
  for (const [id, queue] of queues) {
    const seconds = queue.Properties.MessageRetentionPeriod ?? fourDaysByDefault
    if (/DeadLetterQueue|UndeliveredQueue/.test(id)) expect(seconds).toBe(14 * 86_400)
    else expect(seconds).toBeLessThan(14 * 86_400)
  }
})

test('a message stays invisible for at least six times as long as its worker may take', () => {
  for (const [, mapping] of mappings) {
    const visibility = queueOf(mapping).Properties.VisibilityTimeout
    expect(visibility).toBeGreaterThanOrEqual(6 * workerOf(mapping).Properties.Timeout)
  }
})

test("a step's time-out has room for all calls to its vendor and for ours, and a claim outlives it", () => {
  const workers = mappings.map(([, mapping]) => workerOf(mapping).Properties)
  const steps = workers.filter(({ Environment }) => 'VENDOR' in Environment.Variables)
  expect(steps).toHaveLength(lanes.length)
  for (const { Timeout, Environment } of steps) {
    const { VENDOR, CLAIM_MS } = Environment.Variables
    const { calls, timeoutMs } = JSON.parse(VENDOR)
    // A token and two look-ups besides.
    expect(Timeout * 1000).toBeGreaterThanOrEqual((calls + 3) * timeoutMs + 12_000)
    expect(Number(CLAIM_MS)).toBeGreaterThan(Timeout * 1000)
  }
})

test('a worker answers for each message of a batch by itself, and its concurrency has a limit', () => {
  for (const [, mapping] of mappings) {
    expect(mapping.Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures'])
    expect(mapping.Properties.BatchSize).toBe(10)
    expect(mapping.Properties.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2)
  }
})

test('queues are encrypted by SQS itself, since EventBridge cannot send with the managed KMS key', () => {
  template('prod', 'stateless').allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true })
})

test('each rule may send to its own queues only, and nobody may use a queue without TLS', () => {
  const policies = resources('prod', 'stateless', 'AWS::SQS::QueuePolicy')
  expect(policies.map(([, { Properties }]) => Properties.Queues[0].Ref).sort()).toEqual(
    queues.map(([id]) => id).sort(),
  )
  for (const [, { Properties }] of policies) {
    const queueId = Properties.Queues[0].Ref
    const [refusal, ...permissions] = Properties.PolicyDocument.Statement
    expect(refusal).toMatchObject({
      Effect: 'Deny',
      Action: 'sqs:*',
      Principal: { AWS: '*' },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    })
    for (const permission of permissions) {
      const ruleId = idOf(permission.Condition.ArnEquals['aws:SourceArn'])
      const [, rule] = rules.find(([id]) => id === ruleId) as [string, Resource]
      const [target] = rule.Properties.Targets
      expect(permission.Principal).toEqual({ Service: 'events.amazonaws.com' })
      expect(idOf(permission.Resource)).toBe(queueId)
      expect([idOf(target.Arn), idOf(target.DeadLetterConfig.Arn)]).toContain(queueId)
    }
  }
})
