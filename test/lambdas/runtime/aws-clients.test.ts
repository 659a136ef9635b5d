import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createEventBridge } from '../../../lambdas/runtime/aws-clients.ts'

const saved = { ...process.env }
let calls = 0
let answers: (string | undefined)[] = []
const bus = createServer((_request, response) => {
  calls += 1
  const answer = answers.shift()
  if (answer !== undefined) response.end(answer)
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

const put = (detail: string) =>
  new PutEventsCommand({ Entries: [{ Source: 'orders', DetailType: 'ORDER_CREATED', Detail: detail }] })

test('a bus that never answers is given up by the client itself, after a second try', async () => {
  calls = 0

  await expect(createEventBridge().send(put('{}'))).rejects.toMatchObject({ name: 'TimeoutError' })

  expect(calls).toBe(2)
})

test('calls that share their middleware each get their own answer', async () => {
  const client = createEventBridge()
  answers = ['1', '2', '3'].map((id) => `{"FailedEntryCount":0,"Entries":[{"EventId":"${id}"}]}`)

  const given = await Promise.all([put('{"n":1}'), put('{"n":2}'), put('{"n":3}')].map((c) => client.send(c)))

  expect(given.map(({ Entries }) => Entries?.[0]?.EventId).sort()).toEqual(['1', '2', '3'])
})
