import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Activity, createActivity } from './activity.ts'
import { addAwsEndpoint } from './aws-endpoint.ts'
import { readAssembly, synthesize } from './cloud-assembly.ts'
import { addConsole } from './console/console.ts'
import { addControlApi, createIssuer, type Issuer } from './control-api.ts'
import { deploy } from './deploy.ts'
import { createApp, listen } from './http.ts'
import { createIam } from './iam.ts'
import { createApiGateway } from './services/api-gateway.ts'
import { nameOf } from './services/aws-service.ts'
import { createCloudFormation } from './services/cloudformation.ts'
import { createCloudWatchLogs } from './services/cloudwatch-logs.ts'
import { createDynamoDb } from './services/dynamodb.ts'
import { createEventBridge } from './services/event-bridge.ts'
import { createEventSourceMappings } from './services/event-source-mapping.ts'
import { createLambda } from './services/lambda.ts'
import type { LogLine } from './services/lambda-instances.ts'
import { createScheduler } from './services/scheduler.ts'
import { createSecretsManager } from './services/secrets-manager.ts'
import { createSqs } from './services/sqs.ts'
import { localVendors, vendorNamed } from './vendor-apis.ts'
import { startVendorSimulator, type VendorSimulator } from './vendor-simulator.ts'
import { watchSource } from './watch.ts'

const audience = 'create-order'

/** The running cloud. */
export interface Cloud {
  url: string
  /** A token of its own issuer. */
  token: Issuer['sign']
  /** What happens in it. */
  activity: Activity
  stop: () => Promise<void>
}

/** What a cloud is started with; `signal` stops it half-way up. */
export interface CloudOptions {
  port: number
  speed: number
  /** What a simulator's work takes when it is well: from, to. */
  vendorMs?: [number, number]
  /** URLs of vendors of one's own, by name: they take the simulators' places. */
  vendorUrls?: Record<string, string>
  /** Whether changes in the source are followed. */
  watch?: boolean
  /** The file of the functions that take a debugger. */
  inspect?: string | undefined
  signal: AbortSignal
  onLog: (line: LogLine) => void
}

const bringUp = async (
  options: CloudOptions,
  onStop: (stop: () => unknown) => void,
): Promise<Omit<Cloud, 'stop'>> => {
  const { port, speed, vendorMs, vendorUrls: asked = {}, watch, inspect, signal, onLog } = options
  const own = Object.fromEntries(Object.entries(asked).map(([name, url]) => [vendorNamed(name), url]))
  const app = createApp()
  const server = await listen(app, port)
  onStop(server.close)
  // By address for functions: looking up localhost costs each new connection a detour.
  const endpoint = `http://127.0.0.1:${server.port}`
  const url = `http://localhost:${server.port}`

  const vendors: Record<string, VendorSimulator> = {}
  for (const { name, protocol } of localVendors) {
    if (name in own) continue
    const vendor = await startVendorSimulator({ name, protocol, usualMs: vendorMs })
    onStop(vendor.stop)
    vendors[name] = vendor
  }

  const activity = createActivity()
  const iam = createIam()
  const issuer = await createIssuer(`${url}/_local`, audience)
  const dynamoDb = createDynamoDb()
  const secretsManager = createSecretsManager()
  const sqs = createSqs({ endpoint, activity })
  onStop(sqs.close)
  const lambda = createLambda({ endpoint, activity, onLog, credentialsOf: iam.credentialsOf, inspect })
  onStop(lambda.close)
  const eventBridge = createEventBridge({ sqs, activity, iam })
  onStop(eventBridge.close)
  const apiGateway = createApiGateway({ app, lambda, activity, iam })
  const mappings = createEventSourceMappings({ sqs, lambda, iam })
  onStop(mappings.close)
  const scheduler = createScheduler({ lambda, iam, speed })
  onStop(scheduler.close)
  addControlApi(app, { issuer, vendors, sqs, eventBridge, lambda, iam })

  const folder = await mkdtemp(join(tmpdir(), 'create-order-'))
  onStop(() => rm(folder, { recursive: true, force: true }))
  const simulated = Object.entries(vendors).map(([name, { url }]) => [name, url])
  const vendorUrls: Record<string, string> = { ...Object.fromEntries(simulated), ...own }
  const context = {
    env: 'dev',
    speed: String(speed),
    jwtIssuer: issuer.issuer,
    jwtAudience: audience,
    vendorUrls: JSON.stringify(vendorUrls),
    // A debugger finds the source from dist/, and there the bundles change.
    'aws:cdk:disable-asset-staging': watch || inspect !== undefined,
  }
  await synthesize(folder, context, signal)
  const emulated = [iam, dynamoDb, secretsManager, sqs, lambda, eventBridge, apiGateway, mappings, scheduler]
  const types = Object.assign({}, ...emulated.map(({ resources }) => resources))
  const stacks = await deploy(await readAssembly(folder), types)
  const parts = stacks.flatMap((stack) => stack.parts)
  const paths = new Map(parts.map(({ ref, attributes, path }) => [nameOf(attributes?.Arn ?? ref), path]))

  const cloudFormation = createCloudFormation(stacks, `${url}/`)
  const services = {
    DynamoDB_20120810: dynamoDb,
    AmazonSQS: sqs,
    AWSEvents: eventBridge,
    Logs_20140328: createCloudWatchLogs(lambda.log),
    secretsmanager: secretsManager,
  }
  addAwsEndpoint(app, { iam, activity, cloudFormation, services, paths })
  const shown = { activity, vendors, vendorUrls, sqs, dynamoDb, eventBridge, lambda, stacks, speed, endpoint }
  onStop(addConsole(app, shown))
  app.get('/health', () => ({ status: 'ok' }))
  const update = async () => {
    await synthesize(folder, context, signal)
    const synthesized = await readAssembly(folder)
    return Promise.all(
      stacks.flatMap(({ name, update }) => synthesized.filter((stack) => stack.name === name).map(update)),
    )
  }
  if (watch) onStop(watchSource({ functions: lambda.functions, update }))
  await server.open()
  signal.throwIfAborted()
  return { url, token: issuer.sign, activity }
}

/**
 * Synthesizes the app, and runs what its templates say, on one port.
 * @throws {Error} when the app does not synthesize, or asks for what is not emulated
 */
export const startCloud = async (options: CloudOptions): Promise<Cloud> => {
  const stops: (() => unknown)[] = []
  const stop = async () => {
    while (stops.length) await stops.pop()?.()
  }
  try {
    return { ...(await bringUp(options, (each) => stops.push(each))), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
