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
  signal: AbortSignal
  onLog: (line: LogLine) => void
}

const bringUp = async (
  options: CloudOptions,
  onStop: (stop: () => unknown) => void,
): Promise<Omit<Cloud, 'stop'>> => {
  const { port, speed, vendorMs, vendorUrls: own = {}, signal, onLog } = options
  const app = createApp()
  const server = await listen(app, port)
  onStop(server.close)
  // By address for functions: looking up localhost costs each new connection a detour.
  const endpoint = `http://127.0.0.1:${server.port}`
  const url = `http://localhost:${server.port}`

  const vendors: Record<string, VendorSimulator> = {}
  for (const { name, protocol } of localVendors) {
    if (Object.keys(own).some((asked) => vendorNamed(asked) === name)) continue
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
  const lambda = createLambda({ endpoint, activity, onLog, credentialsOf: iam.credentialsOf })
  onStop(lambda.close)
  const eventBridge = createEventBridge({ sqs, activity, iam })
  onStop(eventBridge.close)
  const apiGateway = createApiGateway({ app, lambda, activity, iam })
  const mappings = createEventSourceMappings({ sqs, lambda, iam })
  onStop(mappings.close)
  const scheduler = createScheduler({ lambda, iam, speed })
  onStop(scheduler.close)
  addControlApi(app, { issuer, vendors, sqs, eventBridge, lambda, iam })

  const assembly = await mkdtemp(join(tmpdir(), 'create-order-'))
  onStop(() => rm(assembly, { recursive: true, force: true }))
  const simulated = Object.entries(vendors).map(([name, { url }]) => [name, url])
  const vendorUrls: Record<string, string> = { ...Object.fromEntries(simulated), ...own }
  const context = {
    env: 'dev',
    speed: String(speed),
    jwtIssuer: issuer.issuer,
    jwtAudience: audience,
    vendorUrls: JSON.stringify(vendorUrls),
  }
  await synthesize(assembly, context, signal)
  const emulated = [iam, dynamoDb, secretsManager, sqs, lambda, eventBridge, apiGateway, mappings, scheduler]
  const types = Object.assign({}, ...emulated.map(({ resources }) => resources))
  const stacks = await deploy(await readAssembly(assembly), types)

  const cloudFormation = createCloudFormation(stacks, `${url}/`)
  const services = {
    DynamoDB_20120810: dynamoDb,
    AmazonSQS: sqs,
    AWSEvents: eventBridge,
    Logs_20140328: createCloudWatchLogs(lambda.log),
    secretsmanager: secretsManager,
  }
  addAwsEndpoint(app, { iam, activity, cloudFormation, services })
  const shown = { activity, vendors, vendorUrls, sqs, dynamoDb, eventBridge, lambda, stacks, speed, endpoint }
  onStop(addConsole(app, shown))
  app.get('/health', () => ({ status: 'ok' }))
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
