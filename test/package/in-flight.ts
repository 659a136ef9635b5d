import { readFileSync, writeFileSync } from 'node:fs'
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { DynamoDBClient, ListTablesCommand, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Faults } from '../../vendors/faults.ts'
import { type Cloud, type OrderView, startCloud } from '../e2e/cloud.ts'
import { sampleOrder } from '../e2e/orders.ts'
import { until } from '../until.ts'
import { installShop } from './shop.ts'

/** What a version leaves in flight: the tables' items, dead letters with their attributes, and the bus's events. */
export interface InFlight {
  /** Order ids, by the state of the order. */
  orders: Record<(typeof matters)[number], string>
  tables: Record<string, object[]>
  deadLetters: { queue: string; body: string; attributes: object }[]
  events: { type: string; source: string; detail: object }[]
}

export const matters = [
  'ready',
  'refused',
  'unanswered',
  'unwrapped',
  'being cancelled',
  'unlabelled',
  'unheard',
] as const

/** AWS clients for the embedded cloud, as its operator. */
function awsOf({ url: endpoint }: Cloud) {
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'local' }
  const config = { endpoint, region: 'us-east-1', credentials }
  return {
    dynamoDb: new DynamoDBClient(config),
    sqs: new SQSClient(config),
    eventBridge: new EventBridgeClient(config),
    cloudFormation: new CloudFormationClient(config),
  }
}
type Aws = ReturnType<typeof awsOf>

/** The construct in a table's name, which is the same in every version. */
const constructOf = (table: string): string => table.replace(/[0-9A-F]{8}$/, '')

async function tablesOf({ dynamoDb }: Aws): Promise<Map<string, string>> {
  const { TableNames = [] } = await dynamoDb.send(new ListTablesCommand({}))
  return new Map(TableNames.map((name) => [constructOf(name), name]))
}

/** The name of the stack's bus. */
async function busOf({ cloudFormation }: Aws): Promise<string | undefined> {
  const { Stacks = [] } = await cloudFormation.send(
    new DescribeStacksCommand({ StackName: 'create-order-dev-stateful' }),
  )
  const outputs = Stacks.flatMap(({ Outputs = [] }) => Outputs)
  return outputs.find(({ OutputKey = '' }) => OutputKey.startsWith('BusName'))?.OutputValue
}

const deadLetterQueues = async (cloud: Cloud) =>
  (await cloud.queues()).filter(({ deadLetterQueue }) => deadLetterQueue)

/** Waits until an order is in a state. Its statuses are the shop's own, which this repository's openapi.json lacks. */
export function follow(cloud: Cloud, token: string, orderId: string, isThere: (order: OrderView) => boolean) {
  const headers = { authorization: `Bearer ${token}` }
  const order = async (): Promise<OrderView> =>
    (await fetch(`${cloud.url}/orders/${orderId}`, { headers })).json() as Promise<OrderView>
  return until(order, isThere)
}

/** Brings orders of the example shop into each state on their way, and records all that is stored about them. */
export async function leaveInFlight(cloud: Cloud): Promise<InFlight> {
  const token = await cloud.token()
  let placed = 0
  const setFaults = (vendor: string, faults: Partial<Faults>) =>
    cloud.request('PUT', `/_local/vendors/${vendor}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(faults),
    })
  /** Places an order, and waits until it is in a state. */
  async function place(isThere: (order: OrderView) => boolean, country = 'DE'): Promise<string> {
    const order = sampleOrder(`in-flight-${++placed}`)
    const shippingAddress = { ...order.shippingAddress, country }
    const { body } = await cloud.place(token, { ...order, shippingAddress })
    await follow(cloud, token, body.orderId, isThere)
    return body.orderId
  }
  const stuckAt = (step: string) => (order: OrderView) => order.attention?.step === step

  const ready = await place(({ status }) => status === 'READY_FOR_FULFILLMENT')
  await setFaults('warehouse', { rejectCountries: ['FR'] })
  const refused = await place(({ attention }) => attention?.state === 'dead-lettered', 'FR')
  await setFaults('warehouse', { timeoutAfterWork: true })
  const unanswered = await place(stuckAt('wms'))
  await setFaults('wrapper', { down: true })
  const unwrapped = await place(stuckAt('giftwrap'))
  const cancelled = await place(stuckAt('giftwrap'))
  await setFaults('parcel-post', { down: true })
  await fetch(`${cloud.url}/orders/${cancelled}/cancellation`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  })
  await follow(cloud, token, cancelled, ({ status }) => status === 'CANCELLING')
  const unlabelled = await place(stuckAt('logistics'))
  await cloud.dropEvents(1)
  const unheard = await place(() => true)

  const aws = awsOf(cloud)
  const tables: InFlight['tables'] = {}
  for (const [construct, TableName] of await tablesOf(aws)) {
    tables[construct] = []
    for await (const { Items = [] } of paginateScan({ client: aws.dynamoDb }, { TableName }))
      tables[construct].push(...Items)
  }
  const deadLetters: InFlight['deadLetters'] = []
  for (const { name, url } of await deadLetterQueues(cloud)) {
    const request = { QueueUrl: url, MessageAttributeNames: ['All'], MaxNumberOfMessages: 10 }
    const { Messages = [] } = await aws.sqs.send(new ReceiveMessageCommand(request))
    for (const { Body = '', MessageAttributes = {} } of Messages)
      deadLetters.push({ queue: constructOf(name), body: Body, attributes: MessageAttributes })
  }
  const { body } = await cloud.request<{
    events: { 'detail-type': string; source: string; detail: { data: { orderId: string } } }[]
  }>('GET', '/_local/events')
  return {
    orders: { ready, refused, unanswered, unwrapped, 'being cancelled': cancelled, unlabelled, unheard },
    tables,
    deadLetters,
    // Lost events stay lost.
    events: body.events
      .filter(({ detail }) => detail.data.orderId !== unheard)
      .map(({ 'detail-type': type, source, detail }) => ({ type, source, detail })),
  }
}

/** Reads what a version left in flight, with its times moved to now, so that no order has exceeded its waiting limit. */
export function readInFlight(file: string): InFlight {
  const text = readFileSync(file, 'utf8')
  const instants = /\d{4}-\d\d-\d\dT[\d:.]+Z/g
  const movedMs = Date.now() - Math.max(...(text.match(instants) ?? []).map(Date.parse))
  const moved = text
    .replace(instants, (instant) => new Date(Date.parse(instant) + movedMs).toISOString())
    .replace(/"(1\d{12})(?=[".])/g, (_, ms) => `"${Number(ms) + movedMs}`)
    .replace(/"(1\d{9})"/g, (_, seconds) => `"${Number(seconds) + Math.ceil(movedMs / 1000)}"`)
  return JSON.parse(moved)
}

/** Loads what a version left in flight into a cloud of this version: items, dead letters, and every event again. */
export async function takeOver(cloud: Cloud, { tables, deadLetters, events }: InFlight): Promise<void> {
  const aws = awsOf(cloud)
  const names = await tablesOf(aws)
  for (const [construct, items] of Object.entries(tables))
    for (const Item of items)
      await aws.dynamoDb.send(new PutItemCommand({ TableName: names.get(construct), Item: { ...Item } }))
  const queues = await deadLetterQueues(cloud)
  for (const { queue, body, attributes } of deadLetters) {
    const { url } = queues.find(({ name }) => constructOf(name) === queue) ?? {}
    const message = { QueueUrl: url, MessageBody: body, MessageAttributes: { ...attributes } }
    await aws.sqs.send(new SendMessageCommand(message))
  }
  const EventBusName = await busOf(aws)
  for (const { type, source, detail } of events)
    await aws.eventBridge.send(
      new PutEventsCommand({
        Entries: [{ EventBusName, Source: source, DetailType: type, Detail: JSON.stringify(detail) }],
      }),
    )
}

// `node test/package/in-flight.ts FILE` records what this version leaves in flight, before the next version.
const [, , file] = process.argv
if (import.meta.main && file) {
  const shop = await installShop()
  const cloud = await startCloud({ speed: 20, folder: shop.folder, orderctl: shop.orderctl })
  writeFileSync(file, `${JSON.stringify(await leaveInFlight(cloud), undefined, 2)}\n`)
  await cloud.stop()
  await shop.remove()
}
