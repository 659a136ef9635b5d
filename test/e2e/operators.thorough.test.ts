import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import * as z from 'zod'
import { noFaults } from '../../vendors/faults.ts'
import { synthesize } from '../lib/synth.ts'
import { type Cloud, runOrderctl, startCloud } from './cloud.ts'
import { createShop, isReady, isStuck, type Shop } from './shop.ts'
import { createOperator, type Operator } from './telemetry/operator.ts'

/** The resources in an AWS call's input: tables, a queue or a log group. A bus is not needed: there is only one. */
const input = z.object({
  TableName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
  QueueUrl: z.string().optional(),
  logGroupName: z.string().optional(),
})
const services: Record<string, string> = {
  DynamoDB_20120810: 'dynamodb',
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
  Logs_20140328: 'logs',
}
/** The construct of a resource, from its physical name: the stack's name, the logical id and a hash. */
const constructOf = (name = '') => name.replace(/^.*create-order-dev-state\w+-|[0-9A-F]{8}$/g, '')

/** A call's permissions, with the constructs of its resources: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
function permissionsOf({ 'x-amz-target': target }: IncomingHttpHeaders, body: string): string[] {
  const [prefix = '', call = ''] = `${target ?? ''}`.split('.')
  // CloudFormation uses the query protocol.
  if (target === undefined) {
    const asked = new URLSearchParams(body)
    return [`cloudformation:${asked.get('Action')} ${asked.get('StackName')}`]
  }
  const { TableName, RequestItems, QueueUrl, logGroupName } = input.parse(JSON.parse(body))
  const bus = prefix === 'AWSEvents' ? 'Bus' : undefined
  const names = [TableName, ...Object.keys(RequestItems ?? {}), QueueUrl, logGroupName, bus]
  // A batch call needs the single call's permission on SQS, but its own on DynamoDB.
  const action = prefix === 'AmazonSQS' ? call.replace(/Batch$/, '') : call
  return names.flatMap((name) => (name ? `${services[prefix]}:${action} ${constructOf(name)}` : []))
}

const statement = z.object({ Action: z.union([z.string(), z.array(z.string())]), Resource: z.unknown() })
const template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
})
const managedPolicy = z.object({ PolicyDocument: z.object({ Statement: z.array(statement) }) })
type PolicyName = 'ReadOnly' | 'Support' | 'Operator'

const folder = mkdtempSync(join(tmpdir(), 'create-order-operators-'))
const calls = new Map<string, Set<string>>()
const policies = new Map<string, z.output<typeof statement>[]>()
let command = ''
let cloud: Cloud
let shop: Shop
let operator: Operator
let recorder: Server

beforeAll(async () => {
  await synthesize({ env: 'dev' }, folder, { CDK_VALIDATION: 'false' })
  const text = readFileSync(join(folder, 'create-order-dev-stateless.template.json'), 'utf8')
  for (const [id, { Type, Properties }] of Object.entries(template.parse(JSON.parse(text)).Resources))
    if (Type === 'AWS::IAM::ManagedPolicy')
      policies.set(
        id.replace(/^Operators|[0-9A-F]{8}$/g, ''),
        managedPolicy.parse(Properties).PolicyDocument.Statement,
      )

  cloud = await startCloud()
  shop = createShop(cloud, await cloud.token())
  operator = await createOperator(cloud)
  // Forward the headers unchanged, because they are signed.
  recorder = createServer(async (incoming, response) => {
    const { method, url = '/', headers } = incoming
    const body = await buffer(incoming)
    const recorded = calls.get(command) ?? new Set()
    calls.set(command, recorded)
    for (const each of permissionsOf(headers, body.toString())) recorded.add(each)
    const forwarded = request(new URL(url, cloud.url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    forwarded.end(body)
  })
  await once(recorder.listen(0, '127.0.0.1'), 'listening')
})
afterEach(() => cloud.faults('logistics', noFaults))
afterAll(async () => {
  operator?.close()
  recorder?.close()
  await cloud?.stop()
  rmSync(folder, { recursive: true })
})

/** Runs a tool, and records its AWS calls under its name. */
async function tool(name: string, ...args: string[]): Promise<void> {
  command = name
  const { port } = recorder.address() as AddressInfo
  const env = { ...process.env, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` }
  const { exitCode, stderr } = await runOrderctl([...name.split(' '), ...args], env)
  if (exitCode !== 0) throw new Error(`npx orderctl ${name} ${args.join(' ')}: ${stderr}`)
}
const sure = ['--note', 'as agreed', '--yes']
const address = { name: 'Jón', line1: 'Laugavegur 1', city: 'Reykjavík', country: 'IS' }

/** Places an order that the carrier refuses. */
async function deadLettered(): Promise<string> {
  await cloud.faults('logistics', { rejectCountries: ['IS'] })
  const orderId = await shop.placeOne({ shippingAddress: address })
  await shop.follow(orderId, isStuck('dead-lettered'))
  return orderId
}

const isCancelled = ({ status }: { status: string }) => status === 'CANCELLED'

/** Does everything that operators do, once. */
async function dayOfAnOperator(): Promise<void> {
  const [first, second] = [await deadLettered(), await deadLettered()]
  await operator.send('LogisticsCarrier/Queue', 'no event')
  await cloud.until(
    () => cloud.queues(),
    (queues) =>
      queues.some(({ name, visible }) => name === 'LogisticsCarrier/DeadLetterQueue' && visible > 2),
  )
  await tool('dlq list')
  await tool('dlq list', '--order', first)
  await tool('dlq discard', '--reason', 'NOT_JSON', '--save-to', folder, ...sure)
  await tool('order list')
  await tool('order list', '--shop', 'shop-1')
  await tool('order show', first)
  await tool('order cancel', first, ...sure)
  await tool('order redact', first, ...sure)
  await cloud.faults('logistics', { rejectCountries: [] })
  await tool('dlq redrive', '--order', second, ...sure)
  await shop.follow(second, isReady)

  await cloud.faults('logistics', { voids: false })
  await tool('order cancel', second, ...sure)
  await shop.follow(second, isStuck('dead-lettered'))
  await tool('order settle', second, '--voided', ...sure)
  await shop.follow(second, isCancelled)

  await tool('vendor pause', 'carrier', ...sure)
  const [third, fourth] = await shop.placeMany(2)
  for (const each of [third, fourth]) await shop.follow(each ?? '', isStuck('waiting'))
  await tool('vendor status')
  await tool('order reroute', third ?? '', '--to', 'easypost', ...sure)
  await tool('vendor drain', 'carrier', '--to', 'easypost', ...sure)
  for (const each of [third, fourth]) await shop.follow(each ?? '', isReady)
  await tool('vendor resume', 'carrier', ...sure)
}

const readOnly = ['order list', 'order show', 'vendor status']
const support = [...readOnly, 'order cancel', 'order settle', 'order redact']
const operators = [
  ...[...support, 'order reroute', 'dlq list', 'dlq redrive', 'dlq discard'],
  ...['vendor pause', 'vendor resume', 'vendor drain'],
]

/** The actions that a policy allows, each with one of its resources. */
const allowedBy = (name: PolicyName) =>
  (policies.get(name) ?? []).flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((each) => `${action} ${JSON.stringify(each)}`)),
  )
const isMet = (needed: string, allowed: string): boolean => {
  const [action = '', construct = ''] = needed.split(' ')
  return allowed.startsWith(`${action} `) && allowed.includes(construct)
}

test('each policy allows exactly the calls of its tools, on the resources that they use', async () => {
  await dayOfAnOperator()

  expect([...calls.keys()].sort()).toEqual(operators.toSorted())
  for (const [name, tools] of Object.entries({ ReadOnly: readOnly, Support: support, Operator: operators })) {
    const allowed = allowedBy(name as PolicyName)
    const needed = [...new Set(tools.flatMap((each) => [...(calls.get(each) ?? [])]))]

    expect(needed.filter((each) => !allowed.some((one) => isMet(each, one)))).toEqual([])
    const actions = new Set(allowed.map((each) => each.split(' ')[0]))
    expect([...actions].sort()).toEqual([...new Set(needed.map((each) => each.split(' ')[0]))].sort())
  }
})
