import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createActivity } from './activity.ts'
import { createAwsEndpoint, isAwsCall } from './aws-endpoint.ts'
import { readAssembly, synthesize } from './cloud-assembly.ts'
import { createControlApi, createIssuer } from './control-api.ts'
import { deploy } from './deploy.ts'
import { type HttpHandler, json, serve } from './http.ts'
import { createIam } from './iam.ts'
import { createApiGateway } from './services/api-gateway.ts'
import { createCloudFormation } from './services/cloudformation.ts'
import { createDynamoDb } from './services/dynamodb.ts'
import { createEventBridge } from './services/event-bridge.ts'
import { createEventSourceMappings } from './services/event-source-mapping.ts'
import { createLambda, type LogLine } from './services/lambda.ts'
import { createScheduler } from './services/scheduler.ts'
import { createSecretsManager } from './services/secrets-manager.ts'
import { createSqs } from './services/sqs.ts'
import { startVendorSimulator } from './vendor-simulator.ts'

const audience = 'create-order'

/** The running cloud. */
export interface Cloud {
  /** The base of all its URLs. */
  url: string
  token: (sub: string, scope: string) => Promise<string>
  stop: () => Promise<void>
}

/**
 * Synthesizes the app, and runs what its templates say, on one port. `signal` stops it half-way up, too.
 * @throws {Error} when the app does not synthesize, or asks for what is not emulated
 */
export const startCloud = async (options: {
  port: number
  speed: number
  signal: AbortSignal
  onLog: (line: LogLine) => void
}): Promise<Cloud> => {
  const { speed, signal, onLog } = options
  const stops: (() => unknown)[] = []
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each()
  }

  try {
    let handler: HttpHandler = () => json(503, { status: 'starting' })
    const server = await serve(options.port, (request) => handler(request))
    stops.push(server.close)
    // By address for the functions, since resolving localhost costs each new connection a detour; the same server.
    const endpoint = `http://127.0.0.1:${server.port}`
    const url = `http://localhost:${server.port}`

    const vendors = {
      logistics: await startVendorSimulator({ name: 'logistics' }),
      wms: await startVendorSimulator({ name: 'wms' }),
    }
    for (const vendor of Object.values(vendors)) stops.push(() => vendor.stop())

    const { report } = createActivity()
    const iam = createIam()
    const issuer = await createIssuer(`${url}/_local`, audience)
    const dynamoDb = createDynamoDb()
    const secretsManager = createSecretsManager()
    const sqs = createSqs({ endpoint, report })
    stops.push(sqs.close)
    const lambda = createLambda({ endpoint, report, onLog, accessKeyOf: iam.accessKeyOf })
    stops.push(lambda.close)
    const eventBridge = createEventBridge({ sqs, report, iam })
    const apiGateway = createApiGateway({ lambda, endpoint, report, iam })
    const mappings = createEventSourceMappings({ sqs, lambda, iam })
    stops.push(mappings.close)
    const scheduler = createScheduler({ lambda, speed, iam })
    stops.push(scheduler.close)

    const controlApi = createControlApi({ issuer, vendors, sqs, eventBridge, lambda, iam })
    const starting: HttpHandler = (request) =>
      request.url.pathname.startsWith('/_local/') ? controlApi(request) : json(503, { status: 'starting' })
    handler = starting

    const assembly = await mkdtemp(join(tmpdir(), 'create-order-'))
    stops.push(() => rm(assembly, { recursive: true, force: true }))
    const context = {
      env: 'dev',
      speed: String(speed),
      jwtIssuer: issuer.issuer,
      jwtAudience: audience,
      logisticsUrl: vendors.logistics.url,
      wmsUrl: vendors.wms.url,
    }
    await synthesize(assembly, context, signal)
    const stacks = await deploy(await readAssembly(assembly), {
      ...iam.resources,
      ...dynamoDb.resources,
      ...secretsManager.resources,
      ...sqs.resources,
      ...lambda.resources,
      ...eventBridge.resources,
      ...apiGateway.resources,
      ...mappings.resources,
      ...scheduler.resources,
    })

    const awsEndpoint = createAwsEndpoint({
      iam,
      services: {
        DynamoDB_20120810: dynamoDb,
        AmazonSQS: sqs,
        AWSEvents: eventBridge,
        secretsmanager: secretsManager,
      },
      cloudFormation: createCloudFormation(stacks),
    })
    handler = (request) => {
      const path = request.url.pathname
      if (path === '/health') return json(200, { status: 'ok' })
      if (path.startsWith('/_local/')) return controlApi(request)
      return isAwsCall(request) ? awsEndpoint(request) : apiGateway.handle(request)
    }
    signal.throwIfAborted()
    return { url, token: issuer.sign, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
