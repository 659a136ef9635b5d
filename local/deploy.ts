import { resolve as absolute } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Stack } from './cloud-assembly.ts'
import { resolve, type Scope } from './intrinsics.ts'
import { account, arnOf, type Deploy, type Deployed, region } from './services/aws-service.ts'
import { type DeployedStack, stackIdOf } from './services/cloudformation.ts'

/** Resource types that have no effect on orders in the emulated cloud. */
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

/** Resource types whose changes are applied to the running cloud. */
const appliedLive = ['AWS::Lambda::Function', 'AWS::IAM::Policy', 'AWS::Events::Rule']

/** A template's changes, one line for each resource; `restart` lists those that only a restart applies. */
export interface Changes {
  told: string[]
  restart: string[]
}

interface RunningStack extends DeployedStack {
  /** Applies the changes in the stack's template that can be applied without a restart. */
  update: (synthesized: Stack[]) => Promise<Changes>
}

const pathOf = ({ Resources }: Stack['template'], logicalId: string): string => {
  const path = Resources[logicalId]?.Metadata['aws:cdk:path'] ?? logicalId
  return path.replace(/^[^/]+\//, '').replace(/\/Resource$/, '')
}

/** The properties without `Code`, because changed bundles are swapped in separately. */
const propertiesOf = ({ Properties }: Stack['template']['Resources'][string]): object => ({
  ...(Properties as object),
  Code: undefined,
})

const deployStack = async (
  stack: Stack,
  types: Record<string, Deploy>,
  others: DeployedStack[],
): Promise<RunningStack> => {
  let { template } = stack
  const { name: stackName, folder } = stack
  const pseudoParameters: Record<string, string> = { ...everywhere, 'AWS::StackId': stackIdOf(stackName) }
  const started = new Map<string, Promise<Deployed>>()
  const deployed: RunningStack = { name: stackName, resources: [], parts: [], outputs: [], update }

  const bringUp = async (logicalId: string): Promise<Deployed> => {
    const { Type = 'nothing', Properties, Metadata = {} } = template.Resources[logicalId] ?? {}
    const base = {
      name: `${stackName}-${logicalId}`,
      logicalId,
      path: pathOf(template, logicalId),
      assetPath: absolute(folder, Metadata['aws:asset:path'] ?? ''),
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
        throw new Error(`local/ does not emulate the attribute ${attribute} of ${stackName}, ${logicalId}`)
      return value
    },
    stackOutput: ({ StackName, OutputName }) => {
      const outputs = others.find(({ name }) => name === StackName)?.outputs ?? []
      const found = outputs.find(({ OutputKey }) => OutputKey === OutputName)
      if (!found) throw new Error(`No stack ${StackName} with an output ${OutputName} is deployed`)
      return found.OutputValue
    },
  }

  async function update(synthesized: Stack[]): Promise<Changes> {
    const { template: next } = synthesized.find(({ name }) => name === stackName) ?? stack
    const changes: Changes = { told: [], restart: [] }
    const before = template
    template = next
    for (const id of Object.keys({ ...before.Resources, ...next.Resources })) {
      const [was, is] = [before.Resources[id], next.Resources[id]]
      if (was && is && isDeepStrictEqual(propertiesOf(was), propertiesOf(is))) continue
      const { Type = '' } = is ?? was ?? {}
      const path = pathOf(is ? next : before, id)
      const how = was && is ? 'changed' : is ? 'added' : 'removed'
      changes.told.push(`${how} ${path} (${Type})`)
      if (was && is && appliedLive.includes(Type)) {
        started.delete(id)
        await resourceOf(id)
      } else if (!withoutLocalEffect.includes(Type)) changes.restart.push(path)
    }
    return changes
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
 * Deploys the templates; each resource is created after those that its properties refer to.
 * @throws {Error} for a resource type, property or intrinsic that is not emulated
 */
export const deploy = async (stacks: Stack[], types: Record<string, Deploy>): Promise<RunningStack[]> => {
  const deployed: RunningStack[] = []
  for (const stack of stacks) deployed.push(await deployStack(stack, types, deployed))
  return deployed
}
