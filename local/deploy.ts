import type { Stack } from './cloud-assembly.ts'
import { resolve, type Scope } from './intrinsics.ts'
import { account, arnOf, type Deploy, type Deployed, region } from './services/aws-service.ts'
import type { DeployedStack } from './services/cloudformation.ts'

/** Resource types that change nothing an order could notice here. */
const withoutLocalEffect = [
  'AWS::ApiGateway::Account',
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Archive',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Logs::LogGroup',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
]

const pseudoParameters: Record<string, string> = {
  'AWS::AccountId': account,
  'AWS::Partition': 'aws',
  'AWS::Region': region,
  'AWS::URLSuffix': 'amazonaws.com',
}

const inert: Deploy = ({ name, logicalId }) => ({
  ref: name,
  attributes: { Arn: arnOf('local', name), TopicArn: arnOf('local', name), Id: logicalId },
})

/** The construct's path without the stack it stands in and the `Resource` that CDK ends it with. */
const constructPath = (path: string) =>
  path
    .split('/')
    .slice(1)
    .filter((part, i, parts) => i < parts.length - 1 || part !== 'Resource')
    .join('/')

/**
 * Brings up what the templates say, each resource after those its properties refer to.
 * @throws {Error} for a resource type, a property or an intrinsic that is not emulated
 */
export const deploy = async (
  stacks: Stack[],
  resources: Record<string, Deploy>,
): Promise<DeployedStack[]> => {
  const exports = new Map<string, unknown>()
  const deployed: DeployedStack[] = []

  for (const { name: stackName, template, assetPath } of stacks) {
    const done = new Map<string, Promise<Deployed>>()

    const bringUp = async (logicalId: string): Promise<Deployed> => {
      const { Type, Properties, Metadata } = template.Resources[logicalId] ?? {}
      if (!Type) throw new Error(`${stackName} refers to ${logicalId}, which it does not have`)
      const handler = resources[Type] ?? (withoutLocalEffect.includes(Type) ? inert : undefined)
      if (!handler)
        throw new Error(
          `local/ does not emulate ${Type} (${logicalId}): see local/README.md on how to add it`,
        )
      return handler({
        name: `${stackName}-${logicalId}`,
        logicalId,
        path: constructPath(Metadata?.['aws:cdk:path'] ?? logicalId),
        properties: handler === inert ? {} : await resolve(Properties, scope),
        assetPath,
      })
    }

    const resourceOf = (logicalId: string): Promise<Deployed> => {
      const known = done.get(logicalId)
      if (known) return known
      const started = bringUp(logicalId)
      done.set(logicalId, started)
      return started
    }

    const scope: Scope = {
      ref: async (name) => {
        if (name === 'AWS::StackName') return stackName
        return pseudoParameters[name] ?? template.Parameters[name]?.Default ?? (await resourceOf(name)).ref
      },
      getAtt: async (logicalId, attribute) => {
        const value = (await resourceOf(logicalId)).attributes?.[attribute]
        if (value === undefined)
          throw new Error(`local/ does not know the attribute ${logicalId}.${attribute}`)
        return value
      },
      importValue: async (name) => {
        if (!exports.has(name)) throw new Error(`No stack exports ${name}`)
        return exports.get(name)
      },
    }

    const described = []
    for (const [logicalId, { Type }] of Object.entries(template.Resources))
      described.push({ logicalId, type: Type, physicalId: (await resourceOf(logicalId)).ref })
    const outputs = []
    for (const [key, { Value, Export }] of Object.entries(template.Outputs)) {
      const value = String(await resolve(Value, scope))
      const exportName = Export && String(await resolve(Export.Name, scope))
      if (exportName) exports.set(exportName, value)
      outputs.push({ key, value, exportName })
    }
    deployed.push({ name: stackName, resources: described, outputs })
  }
  return deployed
}
