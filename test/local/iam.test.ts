import { beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createIam, type Iam, operator } from '../../local/iam.ts'
import { bringUp } from './emulated.ts'

const roleArn = 'arn:aws:iam::000000000000:role/worker-role'
const tableArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/orders'
const queueArn = 'arn:aws:sqs:us-east-1:000000000000:q'
const ruleArn = 'arn:aws:events:us-east-1:000000000000:rule/bus/r'
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:f'

const policy = (...Statement: object[]) => ({ PolicyDocument: { Version: '2012-10-17', Statement } })
const allow = (Action: string | string[], Resource: string, more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
const enforceSsl = {
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Action: 'sqs:*',
  Resource: queueArn,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
}

describe('IAM', () => {
  let iam: Iam

  beforeEach(() => {
    jest.spyOn(console, 'error').mockImplementation(() => {})
    iam = createIam()
  })

  const grant = (...statements: object[]) =>
    bringUp(iam.resources, 'AWS::IAM::Policy', 'policy', { ...policy(...statements), Roles: ['worker-role'] })
  const onQueue = (...statements: object[]) =>
    bringUp(iam.resources, 'AWS::SQS::QueuePolicy', 'qp', {
      ...policy(...statements),
      Queues: ['http://x/1/q'],
    })
  const worker = { name: 'worker', roleArn }

  test('identifies functions and the operator by their access keys, and refuses other keys', () => {
    const credentials = iam.credentialsOf('worker', roleArn)
    const others = iam.credentialsOf('other', roleArn)
    expect(iam.identify(credentials.accessKeyId)).toEqual({ ...worker, credentials })
    expect(iam.identify(others.accessKeyId)).toMatchObject({ name: 'other' })
    expect(others.secretAccessKey).not.toBe(credentials.secretAccessKey)
    expect(iam.identify(operator.credentials.accessKeyId)).toBe(operator)
    expect(iam.identify('AKIA')).toBeUndefined()
  })

  test('allows an operator everything', async () => {
    await iam.authorize(operator, 'sqs:PurgeQueue', queueArn)
  })

  test('allows only what the role is granted', async () => {
    await grant(allow('dynamodb:PutItem', tableArn))
    await iam.authorize(worker, 'dynamodb:PutItem', tableArn)
    await expect(iam.authorize(worker, 'dynamodb:GetItem', tableArn)).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: `User: arn:aws:sts::000000000000:assumed-role/worker-role/worker is not authorized to perform: dynamodb:GetItem on resource: ${tableArn} because no identity-based policy allows the dynamodb:GetItem action`,
    })
    await expect(iam.authorize(worker, 'dynamodb:PutItem', `${tableArn}2`)).rejects.toThrow('not authorized')
    await expect(iam.authorize(worker, 'dynamodb:PutItem', `${tableArn}/index/x`)).rejects.toThrow(
      'not authorized',
    )
  })

  test("a deny wins, even one in the queue's policy", async () => {
    await grant(allow('sqs:SendMessage', queueArn))
    await onQueue({ ...enforceSsl, Condition: undefined, Action: 'sqs:SendMessage' })
    await expect(iam.authorize(worker, 'sqs:SendMessage', queueArn)).rejects.toThrow('not authorized')
  })

  test('a queue that enforces TLS can be used over the local plain HTTP', async () => {
    await grant(allow('sqs:SendMessage', queueArn))
    await onQueue(enforceSsl)
    await iam.authorize(worker, 'sqs:SendMessage', queueArn)
  })

  test("a rule may send to a queue only if the queue's policy names it", async () => {
    const Condition = { ArnEquals: { 'aws:SourceArn': ruleArn } }
    const toEvents = { Principal: { Service: 'events.amazonaws.com' }, Condition }
    await onQueue(enforceSsl, allow('sqs:SendMessage', queueArn, toEvents))
    expect(await iam.maySend(ruleArn, queueArn)).toBeUndefined()
    expect(await iam.maySend(`${ruleArn}2`, queueArn)).toContain('does not let')
    expect(await iam.maySend(ruleArn, `${queueArn}2`)).toContain('does not let')
  })

  test('an API may invoke only what its permission names', async () => {
    await bringUp(iam.resources, 'AWS::Lambda::Permission', 'p', {
      Action: 'lambda:InvokeFunction',
      FunctionName: functionArn,
      Principal: 'apigateway.amazonaws.com',
      SourceArn: 'arn:aws:execute-api:us-east-1:000000000000:api/*/*/orders/{orderId}',
    })
    const from = (route: string) => `arn:aws:execute-api:us-east-1:000000000000:api/$default/${route}`
    expect(iam.mayInvoke(functionArn, from('GET/orders/{orderId}'))).toBe(true)
    expect(iam.mayInvoke(functionArn, from('GET/invoices'))).toBe(false)
    expect(iam.mayInvoke(`${functionArn}2`, from('GET/orders/{orderId}'))).toBe(false)
  })

  test('reports unused grants and denied calls', async () => {
    await grant(allow(['dynamodb:PutItem', 'dynamodb:GetItem'], tableArn), allow('logs:PutLogEvents', '*'))
    await iam.authorize(worker, 'dynamodb:PutItem', tableArn)
    await expect(iam.authorize(worker, 'dynamodb:Scan', tableArn)).rejects.toThrow()
    expect(iam.report()).toEqual({
      unusedGrants: [{ role: 'worker-role', action: 'dynamodb:GetItem', resource: tableArn }],
      denied: [{ role: 'worker-role', action: 'dynamodb:Scan', resource: tableArn }],
    })
  })
})
