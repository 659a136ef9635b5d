import * as z from 'zod'
import { nameOf } from '../services/aws-service.ts'
import type { DeployedResource } from './deployment.ts'

/** A part of the picture. */
export interface TopologyNode {
  id: string
  kind: 'api' | 'function' | 'table' | 'bus' | 'queue' | 'dead-letter-queue' | 'vendor' | 'schedule'
  /** Its ARN, where calls are told by ARN. */
  arn?: string
  detail?: string
}

/** Where something goes from one part to another. */
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
  /** Which function answers a route. */
  routes: { method: string; path: string; function: string }[]
  /** The links of the chain: a queue, who works it off, and the vendor that this one calls. */
  chain: { vendor: string; worker: string; queue: string; vendorTimeoutMs: number }[]
  /** The physical names of what orders and circuits are stored in. */
  tables: { orders?: string; circuits?: string }
}

const text = z.string()
/** What a step's worker is told of its vendor. */
const calledVendor = z.object({ url: text, timeoutMs: z.number() })
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
 * Draws the graph from what the templates deployed, and from nothing else: rules, mappings, redrive policies, routes,
 * and the names and URLs in the functions' environments.
 */
export const createTopology = (resources: DeployedResource[], vendors: Record<string, string>): Topology => {
  const nodes = new Map<string, TopologyNode>()
  const edges = new Map<string, TopologyEdge>()
  const topology: Topology = { nodes: [], edges: [], routes: [], chain: [], tables: {} }
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
  const storeOf = (arnOrName: string) => idByName.get(nameOf(arnOrName)) ?? nameOf(arnOrName)

  const functions = all('AWS::Lambda::Function', shapes.function)
  const fileByName = new Map<string, string>()
  for (const { ref, attributes = {}, properties } of functions) {
    const file = properties.Handler.replace(/\.\w+$/, '')
    fileByName.set(nameOf(ref), file)
    add({ id: file, kind: 'function', arn: attributes.Arn ?? '' })
  }
  const fileOf = (arnOrName: string) => fileByName.get(nameOf(arnOrName)) ?? nameOf(arnOrName)

  for (const { path, properties } of all('AWS::SQS::Queue', shapes.queue)) {
    if (!properties.RedrivePolicy) continue
    const dead = storeOf(properties.RedrivePolicy.deadLetterTargetArn)
    Object.assign(nodes.get(dead) ?? {}, { kind: 'dead-letter-queue' })
    connect(path, dead, 'dead-letter')
  }
  for (const { properties } of all('AWS::Events::Rule', shapes.rule))
    for (const { Arn, DeadLetterConfig } of properties.Targets) {
      const bus = storeOf(properties.EventBusName)
      connect(bus, storeOf(Arn), 'rule')
      if (!DeadLetterConfig) continue
      const undelivered = storeOf(DeadLetterConfig.Arn)
      Object.assign(nodes.get(undelivered) ?? {}, { kind: 'dead-letter-queue', detail: storeOf(Arn) })
      connect(bus, undelivered, 'dead-letter')
    }
  for (const { properties } of all('AWS::Lambda::EventSourceMapping', shapes.mapping))
    connect(storeOf(properties.EventSourceArn), fileOf(properties.FunctionName), 'consume')
  for (const { path, properties } of all('AWS::Scheduler::Schedule', shapes.schedule)) {
    add({ id: path, kind: 'schedule', detail: properties.ScheduleExpression })
    connect(path, fileOf(properties.Target.Arn), 'start')
  }

  const integrations = all('AWS::ApiGatewayV2::Integration', shapes.integration)
  for (const { properties } of all('AWS::ApiGatewayV2::Route', shapes.route)) {
    const [method = '', path = ''] = properties.RouteKey.split(' ')
    const target = integrations.find(({ ref }) => ref === nameOf(properties.Target))
    const file = fileOf(target?.properties.IntegrationUri ?? '')
    add({ id: 'api', kind: 'api' })
    topology.routes.push({ method, path, function: file })
    connect('api', file, 'request')
  }

  const edgeToStore: Partial<Record<TopologyNode['kind'], TopologyEdge['kind']>> = {
    table: 'write',
    bus: 'publish',
    queue: 'send',
    'dead-letter-queue': 'dead-letter',
  }
  for (const { properties } of functions) {
    const file = properties.Handler.replace(/\.\w+$/, '')
    const { Variables: environment = {} } = properties.Environment ?? {}
    const source = [...edges.values()].find(({ kind, to }) => kind === 'consume' && to === file)?.from
    for (const [name, value] of Object.entries(environment)) {
      if (name === 'ORDER_TABLE_NAME') topology.tables.orders = value
      if (name === 'CIRCUIT_BREAKER_TABLE_NAME') topology.tables.circuits = value
      for (const { path, ref } of stores) {
        const isNamed = value === ref || (ref.startsWith('http') && value.includes(`${ref}"`))
        const kind = edgeToStore[nodes.get(path)?.kind ?? 'api']
        if (isNamed && kind && path !== source) connect(file, path, kind)
      }
    }
    if (environment.VENDOR === undefined) continue
    const { url, timeoutMs: vendorTimeoutMs } = calledVendor.parse(JSON.parse(environment.VENDOR))
    const vendor = Object.keys(vendors).find((name) => vendors[name] === url)
    if (!vendor || !source) continue
    add({ id: vendor, kind: 'vendor' })
    connect(file, vendor, 'call')
    topology.chain.push({ vendor, worker: file, queue: source, vendorTimeoutMs })
  }
  return { ...topology, nodes: [...nodes.values()], edges: [...edges.values()] }
}
