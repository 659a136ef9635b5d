import { resolve as absolute } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
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

/** What a running cloud takes over from changed templates. */
const appliedLive = ['AWS::Lambda::Function', 'AWS::IAM::Policy', 'AWS::Events::Rule']

/** How a template differs from the one that is up, a line for each resource; `restart` has those that wait for one. */
export interface Changes {
  told: string[]
  restart: string[]
}

interface RunningStack extends DeployedStack {
  /** Takes over what has changed in its template, as far as that can be taken over. */
  update: (synthesized: Stack[]) => Promise<Changes>
}

const pathOf = ({ Resources }: Stack['template'], logicalId: string): string => {
  const path = Resources[logicalId]?.Metadata['aws:cdk:path'] ?? logicalId
  return path.replace(/^[^/]+\//, '').replace(/\/Resource$/, '')
}

/** Without the code, whose changes are swapped in by themselves. */
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
 * Brings up what the templates say, each resource after those its properties refer to.
 * @throws {Error} for a resource type, a property or an intrinsic that is not emulated
 */
export const deploy = async (stacks: Stack[], types: Record<string, Deploy>): Promise<RunningStack[]> => {
  const deployed: RunningStack[] = []
  for (const stack of stacks) deployed.push(await deployStack(stack, types, deployed))
  return deployed
}
