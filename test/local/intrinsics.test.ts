import { describe, expect, test } from '@jest/globals'
import { resolve, type Scope } from '../../local/intrinsics.ts'

const scope: Scope = {
  ref: async (name) => `ref:${name}`,
  getAtt: async (logicalId, attribute) => `att:${logicalId}.${attribute}`,
  stackOutput: ({ StackName, OutputName }) => `output:${StackName}.${OutputName}`,
}

describe('intrinsics', () => {
  test.each([
    ['Ref', { Ref: 'Queue' }, 'ref:Queue'],
    ['GetAtt', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'att:Queue.Arn'],
    [
      'GetStackOutput',
      { 'Fn::GetStackOutput': { StackName: 'data', Region: { Ref: 'AWS::Region' }, OutputName: 'Table' } },
      'output:data.Table',
    ],
    ['Select and Split', { 'Fn::Select': [1, { 'Fn::Split': [':', { Ref: 'Queue' }] }] }, 'Queue'],
    ['Join over other intrinsics', { 'Fn::Join': ['/', ['a', { Ref: 'B' }]] }, 'a/ref:B'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders.
    ['Sub', { 'Fn::Sub': 'assets-${AWS::AccountId}-${Env}' }, 'assets-ref:AWS::AccountId-ref:Env'],
  ])('%s', async (_name, value, expected) => {
    expect(await resolve(value, scope)).toBe(expected)
  })

  test('are resolved at any depth, and everything else is unchanged', async () => {
    const value = { Deep: [{ Name: { Ref: 'A' } }, 1, null, true], Plain: 'text' }
    expect(await resolve(value, scope)).toEqual({ Deep: [{ Name: 'ref:A' }, 1, null, true], Plain: 'text' })
  })

  test('AWS::NoValue removes the property or the element', async () => {
    const nothing = { Ref: 'AWS::NoValue' }
    expect(await resolve({ A: nothing, B: [nothing, 1] }, scope)).toEqual({ B: [1] })
  })

  test('one that our templates do not use is refused by name', async () => {
    await expect(resolve({ 'Fn::Cidr': [] }, scope)).rejects.toThrow('Fn::Cidr')
  })
})
