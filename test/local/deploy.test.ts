import { describe, expect, test } from '@jest/globals'
import * as z from 'zod'
import type { Stack } from '../../local/cloud-assembly.ts'
import { deploy } from '../../local/deploy.ts'
import { type Deploy, resource } from '../../local/services/aws-service.ts'

type Resources = Record<string, { Type: string; Properties?: object; path?: string }>

const stack = (name: string, resources: Resources, Outputs: Stack['template']['Outputs'] = {}): Stack => ({
  name,
  folder: '/assembly',
  template: {
    Parameters: {},
    Outputs,
    Resources: Object.fromEntries(
      Object.entries(resources).map(([logicalId, { Type, Properties, path }]) => [
        logicalId,
        { Type, Properties, Metadata: path ? { 'aws:cdk:path': path } : {} },
      ]),
    ),
  },
})

/** A resource type that records the order and properties of its deployments. */
const recorder = () => {
  const log: { name: string; path: string; properties: unknown }[] = []
  const type: Deploy = ({ name, path, properties }) => {
    log.push({ name, path, properties })
    return { ref: name, attributes: { Arn: `arn:${name}` } }
  }
  return { log, types: { 'Test::Thing': type } }
}

describe('deploying', () => {
  test('creates each resource once, after those that it refers to', async () => {
    const { log, types } = recorder()
    const needy = { Type: 'Test::Thing', Properties: { Of: { 'Fn::GetAtt': ['Base', 'Arn'] } } }
    await deploy([stack('s', { A: needy, B: needy, Base: { Type: 'Test::Thing' } })], types)
    expect(log.map(({ name }) => name)).toEqual(['s-Base', 's-A', 's-B'])
    expect(log[1]?.properties).toEqual({ Of: 'arn:s-Base' })
  })

  const reading = (OutputName: string) => ({
    Type: 'Test::Thing',
    Properties: { Table: { 'Fn::GetStackOutput': { StackName: 'data', OutputName } } },
  })
  const data = stack('data', { Table: { Type: 'Test::Thing' } }, { Out: { Value: { Ref: 'Table' } } })

  test("resolves another stack's outputs", async () => {
    const { log, types } = recorder()
    const deployed = await deploy([data, stack('code', { A: reading('Out') })], types)
    expect(log[1]?.properties).toEqual({ Table: 'data-Table' })
    expect(deployed[0]?.outputs).toEqual([{ OutputKey: 'Out', OutputValue: 'data-Table' }])
  })

  test('refuses an output that the other stack does not have, and one of a stack that comes later', async () => {
    const code = stack('code', { A: reading('Other') })
    await expect(deploy([data, code], recorder().types)).rejects.toThrow('output Other')
    await expect(deploy([stack('code', { A: reading('Out') }), data], recorder().types)).rejects.toThrow(
      'No stack data',
    )
  })

  test('gives each stack the id that CloudFormation reports', async () => {
    const { log, types } = recorder()
    await deploy(
      [stack('s', { A: { Type: 'Test::Thing', Properties: { Of: { Ref: 'AWS::StackId' } } } })],
      types,
    )
    expect(log[0]?.properties).toEqual({ Of: expect.stringMatching(/^arn:aws:cloudformation:.*:stack\/s\//) })
  })

  test("names a resource by its construct's path", async () => {
    const { log, types } = recorder()
    await deploy([stack('s', { A: { Type: 'Test::Thing', path: 's/Logistics/Queue/Resource' } })], types)
    expect(log[0]?.path).toBe('Logistics/Queue')
  })

  test('refuses a resource type that is not emulated', async () => {
    const stacks = [stack('s', { A: { Type: 'AWS::Kinesis::Stream' } })]
    await expect(deploy(stacks, {})).rejects.toThrow('AWS::Kinesis::Stream')
  })

  test('refuses a property that is not emulated, unless it is known to have no effect here', async () => {
    const types = { 'Test::Thing': resource({ Name: z.string() }, 'Encryption', () => ({ ref: '' })) }
    const withProperties = (Properties: object) => [stack('s', { A: { Type: 'Test::Thing', Properties } })]
    await deploy(withProperties({ Name: 'x', Encryption: true, Tags: [] }), types)
    await expect(deploy(withProperties({ Name: 'x', Replicas: 2 }), types)).rejects.toThrow('Replicas')
  })

  test('applies the changes that a running cloud can apply, and lists those that need a restart', async () => {
    const log: unknown[] = []
    const type: Deploy = ({ name, properties }) => {
      log.push(properties)
      return { ref: name, attributes: { Arn: `arn:${name}` } }
    }
    const types = { 'AWS::Lambda::Function': type, 'Test::Thing': type }
    const resources = (timeout: number, size: number, others: Resources = {}) => ({
      Worker: {
        Type: 'AWS::Lambda::Function',
        Properties: { Timeout: timeout, Of: { Ref: 'Store' }, Code: { S3Key: `${Math.random()}` } },
        path: 's/Worker/Resource',
      },
      Store: { Type: 'Test::Thing', Properties: { Size: size }, path: 's/Data/Store/Resource' },
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Threshold: timeout }, path: 's/Alarm/Resource' },
      ...others,
    })
    const [running] = await deploy([stack('s', resources(1, 1))], types)
    log.length = 0

    const untouched = await running?.update([stack('s', resources(1, 1))])
    const changes = await running?.update([stack('s', resources(2, 2, { New: { Type: 'Test::Thing' } }))])

    expect(untouched).toEqual({ told: [], restart: [] })
    expect(changes).toEqual({
      told: [
        'changed Worker (AWS::Lambda::Function)',
        'changed Data/Store (Test::Thing)',
        'changed Alarm (AWS::CloudWatch::Alarm)',
        'added New (Test::Thing)',
      ],
      restart: ['Data/Store', 'New'],
    })
    expect(log).toEqual([expect.objectContaining({ Timeout: 2, Of: 's-Store' })])
  })

  test('resolves references to resources without a local effect', async () => {
    const { log, types } = recorder()
    const needy = { Type: 'Test::Thing', Properties: { Log: { 'Fn::GetAtt': ['Logs', 'Arn'] } } }
    await deploy([stack('s', { A: needy, Logs: { Type: 'AWS::Logs::LogGroup' } })], types)
    expect(log[0]?.properties).toEqual({ Log: expect.stringContaining('s-Logs') })
  })
})
