import * as z from 'zod'
import { adapters } from '../../vendors/adapters.ts'
import { nameOf } from '../services/aws-service.ts'
import type { DeployedResource } from '../services/cloudformation.ts'

export interface TopologyNode {
  id: string
  kind: 'api' | 'function' | 'table' | 'bus' | 'queue' | 'dead-letter-queue' | 'vendor' | 'schedule'
  /** Its ARN, for nodes whose calls are identified by ARN. */
  arn?: string
  detail?: string
}

/** A path that requests, events or messages take between two nodes. */
export interface TopologyEdge {
  id: string
  from: string
  to: string
  kind: 'request' | 'write' | 'publish' | 'rule' | 'consume' | 'send' | 'dead-letter' | 'call' | 'start'
}

/** The deployed stacks as a graph. */
export interface Topology {
  nodes: TopologyNode[]
  edges: TopologyEdge[]
  /** The function behind each route of the API. */
  routes: { method: string; path: string; function: string }[]
  /** The lanes of each step: a queue, its worker, and the vendor that the worker calls. */
  lanes: {
    step: string
    vendor: string
    /** The vendor's display name, if it is known by its adapter. */
    brand?: string | undefined
    worker: string
    queue: string
    vendorTimeoutMs: number
    ratePerSecond: number
  }[]
  /** The physical names of the tables. */
  tables: { orders?: string; circuits?: string }
}

const text = z.string()
/** A worker's vendor configuration, from its environment. */
const calledVendor = z.object({
  name: text,
  step: text,
  url: text,
  timeoutMs: z.number(),
  ratePerSecond: z.number(),
})
const shapes = {
  function: z.object({
    Handler: text,
    Environment: z.object({ Variables: z.record(text, text) }).optional(),
  }),
  queue: z.object({ RedrivePolicy: z.object({ deadLetterTargetArn: text }).optional() }),
  rule: z.object({
    EventBusName: text.default('default'),
    Targets: z.array(z.object({ Arn: text, DeadLetterConfig: z.object({ Arn: text }).optional() })),
  }),
  mapping: z.object({ EventSourceArn: text, FunctionName: text }),
  schedule: z.object({ ScheduleExpression: text, Target: z.object({ Arn: text }) }),
  integration: z.object({ IntegrationUri: text }),
  route: z.object({ RouteKey: text, Target: text }),
}

const kinds: Record<string, TopologyNode['kind']> = {
  'AWS::DynamoDB::Table': 'table',
  'AWS::Events::EventBus': 'bus',
  'AWS::SQS::Queue': 'queue',
}

/**
 * Derives the graph from the deployed resources only: rules, event source mappings, redrive policies, routes, and the
 * names and URLs in the functions' environments.
 * @throws {Error} if a worker would call a vendor at a URL that is not in `vendorUrls`
 */
export const createTopology = (
  resources: DeployedResource[],
  vendorUrls: Record<string, string>,
): Topology => {
  const nodes = new Map<string, TopologyNode>()
  const edges = new Map<string, TopologyEdge>()
  const topology: Topology = { nodes: [], edges: [], routes: [], lanes: [], tables: {} }
  const all = <S extends z.ZodType>(type: string, shape: S) =>
    resources
      .filter((resource) => resource.type === type)
      .map((resource) => ({ ...resource, properties: shape.parse(resource.properties ?? {}) }))

  const add = (node: TopologyNode) => nodes.set(node.id, node)
  const connect = (from: string, to: string, kind: TopologyEdge['kind']) => {
    const id = `${from}>${to}`
    if (!edges.has(id)) edges.set(id, { id, from, to, kind })
  }

  const stores = resources.filter(({ type }) => type in kinds)
  const idByName = new Map<string, string>()
  for (const { type, path, ref, attributes = {} } of stores) {
    const { Arn: arn = '' } = attributes
    idByName.set(nameOf(ref), path)
    add({ id: path, kind: kinds[type] ?? 'table', arn })
  }
  const idOf = (arnOrName: string) => idByName.get(nameOf(arnOrName)) ?? nameOf(arnOrName)

  const functions = all('AWS::Lambda::Function', shapes.function)
  for (const { path, ref, attributes = {}, properties } of functions) {
    const file = properties.Handler.replace(/\.\w+$/, '')
    // Several lanes can run the same file, so a lane's worker is named after its construct.
    const id = properties.Environment?.Variables.VENDOR ? (path.split('/')[0] ?? path) : file
    idByName.set(nameOf(ref), id)
    add({ id, kind: 'function', arn: attributes.Arn ?? '', detail: file })
  }

  for (const { path, properties } of all('AWS::SQS::Queue', shapes.queue)) {
    if (!properties.RedrivePolicy) continue
    const dead = idOf(properties.RedrivePolicy.deadLetterTargetArn)
    Object.assign(nodes.get(dead) ?? {}, { kind: 'dead-letter-queue' })
    connect(path, dead, 'dead-letter')
  }
  for (const { properties } of all('AWS::Events::Rule', shapes.rule))
    for (const { Arn, DeadLetterConfig } of properties.Targets) {
      const bus = idOf(properties.EventBusName)
      connect(bus, idOf(Arn), 'rule')
      if (!DeadLetterConfig) continue
      const undelivered = idOf(DeadLetterConfig.Arn)
      Object.assign(nodes.get(undelivered) ?? {}, { kind: 'dead-letter-queue', detail: idOf(Arn) })
      connect(bus, undelivered, 'dead-letter')
    }
  for (const { properties } of all('AWS::Lambda::EventSourceMapping', shapes.mapping))
    connect(idOf(properties.EventSourceArn), idOf(properties.FunctionName), 'consume')
  for (const { path, properties } of all('AWS::Scheduler::Schedule', shapes.schedule)) {
    add({ id: path, kind: 'schedule', detail: properties.ScheduleExpression })
    connect(path, idOf(properties.Target.Arn), 'start')
  }

  const integrations = all('AWS::ApiGatewayV2::Integration', shapes.integration)
  for (const { properties } of all('AWS::ApiGatewayV2::Route', shapes.route)) {
    const [method = '', path = ''] = properties.RouteKey.split(' ')
    const target = integrations.find(({ ref }) => ref === nameOf(properties.Target))
    const id = idOf(target?.properties.IntegrationUri ?? '')
    add({ id: 'api', kind: 'api' })
    topology.routes.push({ method, path, function: id })
    connect('api', id, 'request')
  }

  const edgeToStore: Partial<Record<TopologyNode['kind'], TopologyEdge['kind']>> = {
    table: 'write',
    bus: 'publish',
    queue: 'send',
    'dead-letter-queue': 'dead-letter',
  }
  for (const { ref: name, properties } of functions) {
    const worker = idOf(name)
    const { Variables: environment = {} } = properties.Environment ?? {}
    const source = [...edges.values()].find(({ kind, to }) => kind === 'consume' && to === worker)?.from
    for (const [name, value] of Object.entries(environment)) {
      if (name === 'ORDER_TABLE_NAME') topology.tables.orders = value
      if (name === 'CIRCUIT_BREAKER_TABLE_NAME') topology.tables.circuits = value
      for (const { path, ref } of stores) {
        const isNamed = value === ref || (ref.startsWith('http') && value.includes(`${ref}"`))
        const kind = edgeToStore[nodes.get(path)?.kind ?? 'api']
        if (isNamed && kind && path !== source) connect(worker, path, kind)
      }
    }
    if (environment.VENDOR === undefined) continue
    const { name: vendor, url, timeoutMs, ...lane } = calledVendor.parse(JSON.parse(environment.VENDOR))
    if (url !== (vendorUrls[vendor] ?? vendorUrls[lane.step]))
      throw new Error(
        `${vendor} has no simulator, and would be called at ${url}: give a URL by --vendor ${vendor}=URL.`,
      )
    if (!source) continue
    add({ id: vendor, kind: 'vendor' })
    connect(worker, vendor, 'call')
    const { brand } = adapters[vendor] ?? {}
    topology.lanes.push({ ...lane, vendor, brand, worker, queue: source, vendorTimeoutMs: timeoutMs })
  }
  return { ...topology, nodes: [...nodes.values()], edges: [...edges.values()] }
}
