import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createEventBridge } from '../../../lambdas/runtime/aws-clients.ts'

const saved = { ...process.env }
let calls = 0
const bus = createServer(() => {
  calls += 1
})

beforeAll(async () => {
  bus.listen(0, '127.0.0.1')
  await once(bus, 'listening')
  const { port } = bus.address() as AddressInfo
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  })
})
afterAll(() => {
  process.env = saved
  bus.closeAllConnections()
  bus.close()
})

test('a bus that never answers is given up by the client itself, after a second try', async () => {
  const put = new PutEventsCommand({
    Entries: [{ Source: 'orders', DetailType: 'ORDER_CREATED', Detail: '{}' }],
  })

  await expect(createEventBridge().send(put)).rejects.toMatchObject({ name: 'TimeoutError' })

  expect(calls).toBe(2)
})
