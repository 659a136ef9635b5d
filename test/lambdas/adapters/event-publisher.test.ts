import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { beforeEach, expect, test } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { createEventPublisher } from '../../../lambdas/adapters/event-publisher.ts'
import { eventOf } from '../../../lambdas/domain/events.ts'
import { orderIdAt, storedOrder } from '../../builders.ts'

const client = new EventBridgeClient({})
const bridge = mockClient(client)
const publisher = createEventPublisher(client, 'bus')
const orders = [1, 2, 3].map((number) => storedOrder({ orderId: orderIdAt(number) }))
const [first, second, third] = orders

beforeEach(() => void bridge.reset())

test('orders are published by one call, an entry each', async () => {
  bridge.on(PutEventsCommand).resolves({ Entries: orders.map((_, index) => ({ EventId: `${index}` })) })

  const published = await publisher.publish(orders)

  expect(published).toEqual(orders.map((order) => ({ order })))
  const [call, ...others] = bridge.commandCalls(PutEventsCommand)
  expect(others).toEqual([])
  expect(call?.args[0].input.Entries).toEqual(
    orders.map((order) => ({
      EventBusName: 'bus',
      Source: 'orders',
      DetailType: 'ORDER_CREATED',
      Detail: JSON.stringify(eventOf(order).detail),
      TraceHeader: 'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
    })),
  )
})

test("an event goes by its own order's trace, from any sender; one without a trace by its sender's", async () => {
  const traceparents = ['00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00', 'no trace']
  bridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }, { EventId: '2' }] })

  await publisher.publish(traceparents.map((traceparent) => storedOrder({ traceparent })))

  const Entries = bridge.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? []
  expect(Entries.map(({ TraceHeader }) => TraceHeader)).toEqual([
    'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0',
    undefined,
  ])
})

test('acceptance is reported for each entry, whether or not the call succeeded', async () => {
  bridge.on(PutEventsCommand).resolves({
    FailedEntryCount: 2,
    Entries: [{ EventId: '1' }, { ErrorCode: 'InternalFailure' }, { ErrorCode: 'ThrottlingException' }],
  })

  const published = await publisher.publish(orders)

  expect(published).toEqual([
    { order: first },
    { order: second, error: 'InternalFailure' },
    { order: third, error: 'ThrottlingException' },
  ])
})

test('an entry that the answer leaves out was not accepted', async () => {
  bridge.on(PutEventsCommand).resolves({ Entries: [{ EventId: '1' }] })

  const published = await publisher.publish(orders)

  expect(published.map(({ error }) => error)).toEqual([
    undefined,
    'NoAnswerForThisEntry',
    'NoAnswerForThisEntry',
  ])
})

test('a call that fails is a refusal of all its entries, and never an error', async () => {
  bridge.on(PutEventsCommand).rejects(Object.assign(new Error('Down'), { name: 'InternalException' }))

  const published = await publisher.publish(orders)

  expect(published).toEqual(orders.map((order) => ({ order, error: 'InternalException' })))
})
