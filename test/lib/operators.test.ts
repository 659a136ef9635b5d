import { describe, expect, test } from '@jest/globals'
import { resources } from './templates.ts'

type Statement = { Effect: string; Action: string | string[]; Resource: unknown }
const policies = new Map(
  resources('prod', 'stateless', 'AWS::IAM::ManagedPolicy').map(([id, { Properties }]) => [
    id.replace(/^Operators|[0-9A-F]{8}$/g, ''),
    [Properties.PolicyDocument.Statement].flat() as Statement[],
  ]),
)
const actionsOf = (name: string) =>
  [...new Set((policies.get(name) ?? []).flatMap(({ Action }) => Action))].sort()
/** The resources of an action, as their templates' text. */
const resourcesOf = (name: string, action: string) =>
  (policies.get(name) ?? [])
    .filter(({ Action }) => [Action].flat().includes(action))
    .flatMap(({ Resource }) => (Array.isArray(Resource) ? Resource : [Resource]))
    .map((each) => JSON.stringify(each))

const reading = [
  'cloudformation:DescribeStacks',
  'cloudformation:ListStackResources',
  'dynamodb:BatchGetItem',
  'dynamodb:GetItem',
  'dynamodb:Query',
]
const supporting = [
  ...reading,
  'dynamodb:UpdateItem',
  'events:PutEvents',
  'logs:CreateLogStream',
  'logs:PutLogEvents',
].sort()

describe("the policies for operators' roles", () => {
  test('are three, each with what its tools call and no more', () => {
    expect([...policies.keys()].sort()).toEqual(['Operator', 'ReadOnly', 'Support'])
    expect(actionsOf('ReadOnly')).toEqual(reading)
    expect(actionsOf('Support')).toEqual(supporting)
    expect(actionsOf('Operator')).toEqual(
      [
        ...supporting,
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:ReceiveMessage',
        'sqs:SendMessage',
      ].sort(),
    )
  })

  test('let every one of them find orders in each index', () => {
    for (const index of ['outbox', 'deadLetters', 'byOwner', 'byAwb'])
      expect(resourcesOf('ReadOnly', 'dynamodb:Query').join()).toContain(`/index/${index}`)
  })

  test('allow nothing on everything', () => {
    for (const statement of [...policies.values()].flat()) {
      expect(statement.Effect).toBe('Allow')
      expect([statement.Resource].flat()).not.toContain('*')
    }
  })

  test('let only an operator stop a vendor, and support no more than change orders', () => {
    const written = (name: string) => resourcesOf(name, 'dynamodb:UpdateItem').join()
    expect(written('Support')).toContain('OrderTable')
    expect(written('Support')).not.toContain('CircuitBreakerTable')
    expect(written('Operator')).toContain('CircuitBreakerTable')
  })

  test('let messages be taken from DLQs only, and be sent to the queues of workers only', () => {
    const taken = resourcesOf('Operator', 'sqs:DeleteMessage')
    const sent = resourcesOf('Operator', 'sqs:SendMessage')
    const { length } = resources('prod', 'stateless', 'AWS::Lambda::EventSourceMapping')
    expect(taken).toHaveLength(2 * length)
    for (const each of taken) expect(each).toMatch(/DeadLetterQueue|UndeliveredQueue/)
    expect(sent).toHaveLength(length)
    for (const each of sent) expect(each).not.toMatch(/DeadLetterQueue|UndeliveredQueue/)
  })

  test('let the log of operators be written and not read or deleted', () => {
    const log = resources('prod', 'stateless', 'AWS::Logs::LogGroup').find(([id]) => /^OperatorsLog/.test(id))
    expect(log?.[1]).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { RetentionInDays: 90 },
    })
    expect(resourcesOf('Support', 'logs:PutLogEvents')).toEqual([expect.stringContaining(`"${log?.[0]}"`)])
  })
})
