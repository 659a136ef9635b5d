/** The pipeline in your own stacks, network and account, with a worker, a function and an alarm of your own. */
import '../lib/steps.ts'
import { Duration, Stack } from 'aws-cdk-lib'
import { Vpc } from 'aws-cdk-lib/aws-ec2'
import {
  type Adapters,
  adapters,
  bundleFunctions,
  createApp,
  type JwtIssuer,
  Listener,
  type ListenerProps,
  type Network,
  type Observability,
  type OrderPipelineProps,
  type Overrides,
  openApi,
  QueueWorker,
  type QueueWorkerProps,
  ServiceFunction,
  type Settings,
  type SharedProps,
  StatefulStack,
  StatelessStack,
} from 'create-order'
import { loadSettings } from './environments.ts'

const app = createApp()
await bundleFunctions()

const overrides: Overrides = { speed: '20' }
const settings: Settings = loadSettings('dev', overrides)
const jwt: JwtIssuer = { issuer: 'https://login.company.example', audience: ['orders'] }
const vpc = new Vpc(new Stack(app, 'company'), 'Vpc', { maxAzs: 2 })
const network: Network = { vpc }

/** An alarm of your own, with the same action as the others. */
function alarmOnErrors(observability: Observability, { function: reports }: ServiceFunction): void {
  observability.alarm(reports, 'Failing', {
    description: 'The report of the day fails.',
    runbookHeading: 'Report',
    metric: reports.metricErrors(),
    threshold: 0,
  })
}

/** A worker with its own environment variables, a listener, and a function that only its caller invokes. */
function extend(stack: Stack, shared: SharedProps): void {
  const audit: QueueWorkerProps<{ AUDITED: string }> = {
    ...shared,
    consumes: { detailType: ['ORDER_CREATED'] },
    name: 'audit',
    file: 'audit',
    timeout: Duration.seconds(10),
    concurrency: 2,
    deadLetterMeans: 'an order is not in the audit',
    environment: { AUDITED: 'EUR' },
  }
  new QueueWorker(stack, 'Audit', audit)
  const notify: ListenerProps = {
    ...shared,
    name: 'notify-shop',
    detailTypes: ['READY_FOR_FULFILLMENT', 'GIFT_WRAPPED'],
    concurrency: 2,
    environment: {},
  }
  new Listener(stack, 'NotifyShop', notify)
  const report = new ServiceFunction(stack, 'Report', {
    settings,
    name: 'report',
    file: 'audit',
    environment: { AUDITED: 'EUR' },
  })
  alarmOnErrors(shared.observability, report)
}

const { bus, ...props }: OrderPipelineProps = { settings, jwt, network, extend }
const data = new StatefulStack(app, 'orders-data', { settings, jwt, bus })
new StatelessStack(app, 'orders-code', { ...props, data })

const known: Adapters = adapters
console.log(`Adapters: ${Object.keys(known).join(', ')}. API: ${Object.keys(openApi()).join(', ')}.`)
