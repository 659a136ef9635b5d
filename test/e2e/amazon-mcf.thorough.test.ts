import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation'
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { startVendorSimulator, type VendorSimulator } from '../../local/vendor-simulator.ts'
import { amazonMcf } from '../../vendors/amazon-mcf/fake.ts'
import { noFaults } from '../../vendors/faults.ts'
import { type CopiedTree, copyTree, snippetsOf } from '../copied-tree.ts'
import { type Cloud, type OrderView, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'

let tree: CopiedTree
let amazon: VendorSimulator
let cloud: Cloud
let token: string
beforeAll(async () => {
  tree = await copyTree()
  for (const snippet of snippetsOf('docs/vendor-contract.md', 'A vendor that differs'))
    await tree.apply(snippet)
  amazon = await startVendorSimulator({ name: 'amazon', protocol: amazonMcf })
  cloud = await startCloud({ speed: 60, folder: tree.folder, vendors: { amazon: amazon.url } })
  token = await cloud.token()
})
afterAll(async () => {
  await cloud?.stop()
  await amazon?.stop()
  await tree?.remove()
})
afterEach(() => void amazon.setFaults(noFaults))

const place = async (reference: string, change: object = {}) => {
  const order = sampleOrder(reference)
  const shippingAddress = { ...order.shippingAddress, postalCode: '10001', country: 'US' }
  return (await cloud.place(token, { ...order, shippingAddress, ...change })).body.orderId
}
const isReady = ({ status }: OrderView) => status === 'READY_FOR_FULFILLMENT'
const reasonIs = (reason: string) => (order: OrderView) => order.attention?.reason === reason
const madeFor = (orderId: string) => amazon.ledger().find(({ reference }) => reference === orderId)
const cancel = (orderId: string) =>
  cloud.request('POST', `/orders/${orderId}/cancellation`, { headers: { authorization: `Bearer ${token}` } })

/** Stores Login with Amazon's credentials, as `aws secretsmanager put-secret-value` would. */
async function putSecret(): Promise<void> {
  const aws = {
    endpoint: cloud.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  }
  const listed = new ListStackResourcesCommand({ StackName: 'create-order-dev-stateful' })
  const { StackResourceSummaries = [] } = await new CloudFormationClient(aws).send(listed)
  const secret = StackResourceSummaries.find(({ LogicalResourceId = '' }) =>
    LogicalResourceId.startsWith('WmsAmazonSecret'),
  )
  const client = { client_id: 'amzn1.application', client_secret: 'local', refresh_token: 'Atzr|local' }
  await new SecretsManagerClient(aws).send(
    new PutSecretValueCommand({
      SecretId: secret?.PhysicalResourceId,
      SecretString: JSON.stringify(client),
    }),
  )
}

test.each([
  ['type check', 'tsc', ['--noEmit']],
  ['lint', 'biome', ['ci', '--error-on-warnings', '.']],
])('the %s passes with it', async (_, command, args) => {
  expect(await tree.run(command, ...args)).toEqual(expect.objectContaining({ exitCode: 0 }))
})

test('an order waits until the secret is that of a valid Login with Amazon client', async () => {
  const orderId = await place('mcf-1')
  await cloud.follow(token, orderId, reasonIs('CREDENTIAL_REFUSED'))
  expect(amazon.ledger()).toEqual([])

  await putSecret()
  const order = await cloud.follow(token, orderId, isReady)
  expect(order.wmsReference).toBe(madeFor(orderId)?.id)
  expect(madeFor(orderId)).toMatchObject({ createCalls: 1, created: 1 })
})

test('only orders of its route are sent to it', async () => {
  const { shippingAddress } = sampleOrder('mcf-2')
  const orderId = await place('mcf-2', { shippingAddress })
  await cloud.follow(token, orderId, isReady)

  expect(madeFor(orderId)).toBeUndefined()
})

test('an order that was created without a response is found again, and no duplicate is created', async () => {
  amazon.setFaults({ timeoutAfterWork: true })
  const orderId = await place('mcf-3')
  await cloud.follow(token, orderId, reasonIs('TIME_OUT'))
  amazon.setFaults({ timeoutAfterWork: false })
  await cloud.follow(token, orderId, isReady)

  expect(madeFor(orderId)).toMatchObject({ created: 1 })
})

test('an order that turns out invalid is dead-lettered for that, and redriven under a new reference', async () => {
  amazon.setFaults({ rejectCountries: ['US'] })
  const orderId = await place('mcf-4')
  const { attention } = await cloud.follow(token, orderId, reasonIs('INVALID'))
  expect(attention).toMatchObject({ state: 'dead-lettered', step: 'wms' })

  amazon.setFaults({ rejectCountries: [] })
  const local = ['--env', 'local', '--port', new URL(cloud.url).port, '--yes', '--note', 'Served again']
  const redriven = await tree.run('node', 'ops/orderctl.ts', 'dlq', 'redrive', '--order', orderId, ...local)
  expect(redriven).toMatchObject({ exitCode: 0 })
  await cloud.follow(token, orderId, isReady)
  expect(madeFor(orderId)).toMatchObject({ created: 2 })
})

test('a cancelled order is cancelled there, and its label is void', async () => {
  const orderId = await place('mcf-5')
  await cloud.follow(token, orderId, isReady)

  expect((await cancel(orderId)).status).toBe(202)
  await cloud.follow(token, orderId, ({ status }) => status === 'CANCELLED')
  expect(madeFor(orderId)).toMatchObject({ created: 1, voided: 1 })
})

test('an order that is being picked cannot be cancelled any more, and stays ready', async () => {
  const orderId = await place('mcf-6')
  await cloud.follow(token, orderId, isReady)
  amazon.setFaults({ shipped: true })
  await cancel(orderId)

  await cloud.follow(token, orderId, ({ status, timeline }) => {
    return status === 'READY_FOR_FULFILLMENT' && timeline.some(({ type }) => type === 'CANCELLATION_REFUSED')
  })
  expect(madeFor(orderId)).toMatchObject({ voided: 0 })
})
