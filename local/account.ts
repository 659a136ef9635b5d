import { createActivity } from './activity.ts'
import { addAwsEndpoint } from './aws-endpoint.ts'
import type { Stack } from './cloud-assembly.ts'
import { addConsole } from './console/console.ts'
import { addControlApi, createIssuer } from './control-api.ts'
import { type Changes, deploy } from './deploy.ts'
import { createApp } from './http.ts'
import { createIam } from './iam.ts'
import type { Server } from './server.ts'
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
import type { VendorSimulator } from './vendor-simulator.ts'
import { watchSource } from './watch.ts'

/** Creates the emulated account: its services and its control API, with no stack deployed yet. */
export const createAccount = async (deps: {
  server: Server
  vendors: Record<string, VendorSimulator>
  vendorUrls: Record<string, string>
  audience: string
  speed: number
  inspect: string | undefined
  onLog: (line: LogLine) => void
  onStop: (stop: () => unknown) => void
}) => {
  const { server, vendors, vendorUrls, audience, speed, inspect, onLog, onStop } = deps
  const { url, endpoint } = server
  const app = createApp()
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
  const emulated = [iam, dynamoDb, secretsManager, sqs, lambda, eventBridge, apiGateway, mappings, scheduler]
  const types = Object.assign({}, ...emulated.map(({ resources }) => resources))

  return {
    activity,
    token: issuer.sign,
    /** Deploys the stacks and opens the port. If `resynthesize` is given, source changes are watched and applied. */
    open: async (synthesized: Stack[], resynthesize?: () => Promise<Stack[]>): Promise<void> => {
      const stacks = await deploy(synthesized, types)
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
      const shown = { activity, vendors, vendorUrls, sqs, dynamoDb, eventBridge, lambda, stacks, speed }
      onStop(addConsole(app, { ...shown, endpoint }))
      app.get('/health', () => ({ status: 'ok' }))
      if (resynthesize) {
        const update = async (): Promise<Changes[]> => {
          const next = await resynthesize()
          return Promise.all(stacks.map(({ update }) => update(next)))
        }
        onStop(watchSource({ functions: lambda.functions, update }))
      }
      await server.open(app)
    },
  }
}
