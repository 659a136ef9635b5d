import { join } from 'node:path'
import type { Stack } from './cloud-assembly.ts'
import { resolve, type Scope } from './intrinsics.ts'
import { account, arnOf, type Deploy, type Deployed, region } from './services/aws-service.ts'
import { type DeployedStack, stackIdOf } from './services/cloudformation.ts'

/** Resource types that change nothing an order could notice here. */
const withoutLocalEffect = [
  'AWS::CDK::Metadata',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Archive',
  'AWS::IAM::ManagedPolicy',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Logs::LogGroup',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
]

const everywhere = {
  'AWS::AccountId': account,
  'AWS::Partition': 'aws',
  'AWS::Region': region,
  'AWS::URLSuffix': 'amazonaws.com',
}

const inert: Deploy = ({ name }) => ({ ref: name, attributes: { Arn: arnOf('local', name) } })

const constructPath = (path: string) => path.replace(/^[^/]+\//, '').replace(/\/Resource$/, '')

const deployStack = async (
  { name: stackName, template, folder }: Stack,
  types: Record<string, Deploy>,
  others: DeployedStack[],
): Promise<DeployedStack> => {
  const pseudoParameters: Record<string, string> = { ...everywhere, 'AWS::StackId': stackIdOf(stackName) }
  const started = new Map<string, Promise<Deployed>>()
  const deployed: DeployedStack = { name: stackName, resources: [], parts: [], outputs: [] }

  const bringUp = async (logicalId: string): Promise<Deployed> => {
    const { Type = 'nothing', Properties, Metadata = {} } = template.Resources[logicalId] ?? {}
    const base = {
      name: `${stackName}-${logicalId}`,
      logicalId,
      path: constructPath(Metadata['aws:cdk:path'] ?? logicalId),
      assetPath: join(folder, Metadata['aws:asset:path'] ?? ''),
    }
    if (withoutLocalEffect.includes(Type)) return inert({ ...base, properties: {} })
    const deploy = types[Type]
    if (!deploy) throw new Error(`local/ does not emulate ${Type} (${stackName}, ${logicalId})`)
    const resource = { ...base, properties: await resolve(Properties, scope) }
    const up = await deploy(resource)
    deployed.parts.push({ type: Type, ...resource, ...up })
    return up
  }

  const resourceOf = (logicalId: string): Promise<Deployed> => {
    const resource = started.get(logicalId) ?? bringUp(logicalId)
    started.set(logicalId, resource)
    return resource
  }

  const scope: Scope = {
    ref: async (name) =>
      pseudoParameters[name] ?? template.Parameters[name]?.Default ?? (await resourceOf(name)).ref,
    getAtt: async (logicalId, attribute) => {
      const value = (await resourceOf(logicalId)).attributes?.[attribute]
      if (value === undefined)
        throw new Error(`local/ does not know ${attribute} of ${stackName}, ${logicalId}`)
      return value
    },
    stackOutput: ({ StackName, OutputName }) => {
      const outputs = others.find(({ name }) => name === StackName)?.outputs ?? []
      const found = outputs.find(({ OutputKey }) => OutputKey === OutputName)
      if (!found) throw new Error(`No stack ${StackName} with an output ${OutputName} is deployed`)
      return found.OutputValue
    },
  }

  for (const [LogicalResourceId, { Type: ResourceType }] of Object.entries(template.Resources)) {
    const { ref: PhysicalResourceId } = await resourceOf(LogicalResourceId)
    deployed.resources.push({ LogicalResourceId, PhysicalResourceId, ResourceType })
  }
  for (const [OutputKey, { Value }] of Object.entries(template.Outputs))
    deployed.outputs.push({ OutputKey, OutputValue: String(await resolve(Value, scope)) })
  return deployed
}

/**
 * Brings up what the templates say, each resource after those its properties refer to.
 * @throws {Error} for a resource type, a property or an intrinsic that is not emulated
 */
export const deploy = async (stacks: Stack[], types: Record<string, Deploy>): Promise<DeployedStack[]> => {
  const deployed: DeployedStack[] = []
  for (const stack of stacks) deployed.push(await deployStack(stack, types, deployed))
  return deployed
}
