import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import * as z from 'zod'
import { noFaults } from '../../vendors/faults.ts'
import { synthesize } from '../lib/synth.ts'
import { type Cloud, startCloud } from './cloud.ts'
import { createFunctionUrl, type FunctionUrl } from './function-url.ts'
import { createShop, isReady, type Shop } from './shop.ts'

/** The parts of dev's simulator stack that are needed to run it. */
const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.unknown(), Metadata: z.record(z.string(), z.unknown()) }),
  ),
})
const tableProperties = z.object({
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.literal('S') })),
})
const functionProperties = z.object({
  Handler: z.string(),
  Environment: z.object({
    Variables: z.looseObject({
      VENDOR_NAME: z.string(),
      STEP: z.enum(['logistics', 'wms']),
      VENDOR_SECRET_ARN: z.object({ 'Fn::GetStackOutput': z.object({ OutputName: z.string() }) }),
    }),
  }),
})

const vendors = { carrier: 'logistics', warehouse: 'wms' } as const
type Vendor = keyof typeof vendors

const folder = mkdtempSync(join(tmpdir(), 'create-order-simulators-'))
const urls: Partial<Record<Vendor, FunctionUrl>> = {}
const credentials: Record<string, string> = {}
let cloud: Cloud
let shop: Shop

/** Starts the stack's functions, with its table and the vendors' secrets in the embedded cloud. */
async function startSimulators(): Promise<void> {
  const config = {
    endpoint: cloud.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  }
  const { Stacks } = await new CloudFormationClient(config).send(
    new DescribeStacksCommand({ StackName: 'create-order-dev-stateful' }),
  )
  const outputs = new Map(Stacks?.[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]))
  const file = join(folder, 'create-order-dev-vendors.template.json')
  const { Resources } = template.parse(JSON.parse(readFileSync(file, 'utf8')))
  for (const { Type, Properties, Metadata } of Object.values(Resources)) {
    if (Type === 'AWS::DynamoDB::Table')
      await new DynamoDBClient(config).send(
        new CreateTableCommand({
          TableName: 'simulators',
          BillingMode: 'PAY_PER_REQUEST',
          ...tableProperties.parse(Properties),
        }),
      )
    if (Type !== 'AWS::Lambda::Function') continue
    const { Handler, Environment } = functionProperties.parse(Properties)
    const { VENDOR_NAME, STEP, VENDOR_SECRET_ARN } = Environment.Variables
    const arn = outputs.get(VENDOR_SECRET_ARN['Fn::GetStackOutput'].OutputName) ?? ''
    const { SecretString = '' } = await new SecretsManagerClient(config).send(
      new GetSecretValueCommand({ SecretId: arn }),
    )
    credentials[VENDOR_NAME] = SecretString
    const bundle = join(folder, `${Metadata['aws:asset:path']}`, Handler.replace('.handler', '.cjs'))
    await urls[z.enum(['carrier', 'warehouse']).parse(VENDOR_NAME)]?.start(bundle, {
      VENDOR_NAME,
      STEP,
      TABLE_NAME: 'simulators',
      VENDOR_SECRET_ARN: arn,
      AWS_ENDPOINT_URL: cloud.url,
      AWS_REGION: config.region,
      AWS_ACCESS_KEY_ID: config.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: config.credentials.secretAccessKey,
    })
  }
}

beforeAll(async () => {
  for (const vendor of ['carrier', 'warehouse'] as const) urls[vendor] = await createFunctionUrl()
  const { carrier, warehouse } = urls
  await synthesize({ env: 'dev' }, folder, { CDK_VALIDATION: 'false' })
  cloud = await startCloud({ vendors: { carrier: carrier?.url ?? '', warehouse: warehouse?.url ?? '' } })
  await startSimulators()
  shop = createShop(cloud, await cloud.token())
})
afterEach(async () => {
  for (const vendor of ['carrier', 'warehouse'] as const) await call(vendor, 'PUT', '/_simulator', noFaults)
})
afterAll(async () => {
  await cloud?.stop()
  await Promise.all(Object.values(urls).map((each) => each.stop()))
  rmSync(folder, { recursive: true })
})

async function call(vendor: Vendor, method: string, path: string, body?: object, key?: string) {
  const answer = await fetch(`${urls[vendor]?.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${credentials[vendor]}`,
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: await answer.json() }
}
const entries = z.object({
  entries: z.array(z.object({ reference: z.string(), created: z.number(), voided: z.number() })),
})
/** How many things a simulator made for an order and voided. */
async function madeOf(vendor: Vendor, orderId: string): Promise<[created: number, voided: number][]> {
  const ledger = entries.parse((await call(vendor, 'GET', '/_simulator/ledger')).body)
  return ledger.entries
    .filter(({ reference }) => reference === orderId)
    .map(({ created, voided }) => [created, voided])
}

describe("dev's deployed simulators", () => {
  test('bring an order to READY, and undo it when it is cancelled', async () => {
    const orderId = await shop.placeOne()
    await shop.follow(orderId, isReady)

    for (const vendor of ['carrier', 'warehouse'] as const)
      expect(await madeOf(vendor, orderId)).toEqual([[1, 0]])
    expect((await shop.cancel(orderId)).status).toBe(202)
    await shop.follow(orderId, ({ status }) => status === 'CANCELLED')
    for (const vendor of ['carrier', 'warehouse'] as const)
      expect(await madeOf(vendor, orderId)).toEqual([[1, 1]])
  })

  test.each([
    ['down', { down: true }],
    ['failing', { errorRate: 1 }],
    ['refusing our credential', { unauthorized: true }],
  ])('that are %s keep orders, which are ready once they are well again', async (_name, faults) => {
    expect((await call('carrier', 'PUT', '/_simulator', faults)).status).toBe(200)
    const orderId = await shop.placeOne()
    await shop.follow(orderId, ({ attention }) => attention !== undefined)

    await call('carrier', 'PUT', '/_simulator', noFaults)
    await shop.follow(orderId, isReady)

    expect(await madeOf('carrier', orderId)).toEqual([[1, 0]])
  })

  test('that lose their responses make each order only once', async () => {
    await call('warehouse', 'PUT', '/_simulator', { timeoutAfterWork: true })
    const orderId = await shop.placeOne()
    await cloud.until(
      () => madeOf('warehouse', orderId),
      ([made]) => made?.[0] === 1,
    )

    await call('warehouse', 'PUT', '/_simulator', noFaults)
    await shop.follow(orderId, isReady)

    expect(await madeOf('warehouse', orderId)).toEqual([[1, 0]])
  })

  test.each(Object.entries(vendors))(
    'follow the contract for any caller with the credential, and refuse others: %s',
    async (name, step) => {
      const vendor = z.enum(['carrier', 'warehouse']).parse(name)
      const document = new URL(`../../docs/${step}-api.openapi.json`, import.meta.url)
      const { paths } = JSON.parse(readFileSync(document, 'utf8'))
      const collection = step === 'logistics' ? '/awbs' : '/shipments'
      const order = paths[collection].post.requestBody.content['application/json'].examples.order.value
      const one = `${collection}/${order.reference}`

      expect((await call(vendor, 'GET', one)).status).toBe(404)
      const made = await call(vendor, 'POST', collection, order, 'k-1')
      expect(made.status).toBe(201)
      expect(await call(vendor, 'POST', collection, order, 'k-1')).toEqual(made)
      expect(await call(vendor, 'GET', one)).toEqual({ ...made, status: 200 })
      expect((await call(vendor, 'DELETE', one)).body).toMatchObject({ status: 'voided' })
      expect((await call(vendor, 'GET', one)).body).toMatchObject({ status: 'voided' })
      const stranger = await fetch(`${urls[vendor]?.url}${one}`, { headers: { authorization: 'Bearer x' } })
      expect(stranger.status).toBe(401)
    },
  )
})
