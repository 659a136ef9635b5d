import { EventEmitter } from 'node:events'
import { marshall } from '@aws-sdk/util-dynamodb'
import { describe, expect, test } from '@jest/globals'
import type { CreateClient } from '../../../lambdas/adapters/vendor-client.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { createRing } from '../../../local/activity.ts'
import type { Click } from '../../../local/console/click-latency.ts'
import { createOrderReports } from '../../../local/console/order-report.ts'
import type { LogLine } from '../../../local/services/lambda-instances.ts'
import type { VendorCall, VendorSimulator } from '../../../local/vendor-simulator.ts'
import { adapters } from '../../../vendors/adapters.ts'
import { createAmazonMcfClient } from '../../../vendors/amazon-mcf/client.ts'
import { createLogisticsClient, createWmsClient } from '../../../vendors/contract/client.ts'
import { createEasyPostClient } from '../../../vendors/easypost/client.ts'
import { easyPostTestAccount } from '../../../vendors/easypost/options.ts'
import { at, orderBody, orderId, storedOrder } from '../../builders.ts'
import { savesNothing } from '../../lambdas/doubles.ts'
import { topology } from './tables.ts'

interface BusEvent {
  id: string
  detail: { data: { orderId: string } }
}

const call = (sent: unknown, answered: unknown = {}, more: Partial<VendorCall> = {}): VendorCall => ({
  at: at(1000),
  vendor: 'carrier',
  method: 'POST',
  reference: orderId,
  status: 422,
  latencyMs: 5,
  sent,
  answered,
  ...more,
})
const event = (of: string): BusEvent => ({ id: of, detail: { data: { orderId: of } } })
const line = (text: string): LogLine => ({ at: at(), function: 'logistics-worker', line: text })

const watched = (order: Order = storedOrder()) => {
  const activity = new EventEmitter<{ call: [VendorCall] }>()
  const clicks = createRing<Click>(2)
  const eventBridge = { events: createRing<{ id: string; detail: { data?: { orderId?: string } } }>(2) }
  const lambda = { logs: createRing<LogLine>(4) }
  const report = createOrderReports({
    vendors: { carrier: { activity } as VendorSimulator },
    dynamoDb: {
      call: async (_action, { Key }) =>
        JSON.stringify(Key).includes(orderId)
          ? { Item: marshall(order, { removeUndefinedValues: true }) }
          : {},
    },
    topology,
    eventBridge,
    lambda,
    latency: { clicks },
  })
  return {
    clicks,
    ...eventBridge,
    ...lambda,
    report: () => report(orderId),
    of: report,
    called: (each: VendorCall) => activity.emit('call', each),
  }
}

describe("an order's report", () => {
  test('has its calls, events and log lines, and those of no other', async () => {
    const { events, logs, called, report } = watched()
    for (const id of [orderId, 'ord_2']) {
      events.push(event(id))
      called(call({}, {}, { reference: id }))
    }
    logs.push(line(`{"message":"Step failed","orderId":"${orderId}"}`))
    logs.push(line(`${orderId}: a crash prints text`))
    logs.push(line(`{"_aws":{},"orderId":"${orderId}"}`))
    logs.push(line('{"message":"Step failed","orderId":"ord_2"}'))

    const told = await report()

    expect(told).toMatchObject({ calls: [call({})], events: [event(orderId)] })
    expect(told.logs.map((log) => log.line)).toEqual([
      { message: 'Step failed', orderId },
      { message: `${orderId}: a crash prints text` },
    ])
  })

  test('is refused for an order that does not exist', async () => {
    await expect(watched().of('ord_9')).rejects.toThrow('There is no order ord_9.')
  })

  test('says whether entries may have been evicted since the order was placed', async () => {
    const { clicks, report } = watched(storedOrder({ createdAt: new Date().toISOString() }))
    const click = {
      at: 0,
      ms: 1,
      failed: false,
      synchronousMs: 1,
      wouldFail: false,
      location: '/orders/ord_2',
    }
    clicks.push(click)
    clicks.push(click)
    expect(await report()).toMatchObject({ mayBeForgotten: false })

    clicks.push(click)
    expect(await report()).toMatchObject({ mayBeForgotten: true })
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
    expect(await watched(storedOrder({ createdAt: tomorrow })).report()).toMatchObject({
      mayBeForgotten: false,
    })
  })
})

describe('personal data is hidden', () => {
  const { country, ...address } = orderBody.shippingAddress
  const personal = [...Object.values(orderBody.customer), ...Object.values(address)]
  const shownOf = async (sent: unknown, answered: unknown, order = storedOrder()) => {
    const { called, report } = watched(order)
    called(call(sent, answered))
    return (await report()).calls[0]
  }

  const clients: Record<string, [CreateClient, object][]> = {
    contract: [
      [createLogisticsClient, {}],
      [createWmsClient, {}],
    ],
    'amazon-mcf': [
      [createAmazonMcfClient, { marketplaceId: 'A1PA6795UKMFR9', comment: 'Thanks', speeds: {} }],
    ],
    easypost: [[createEasyPostClient, easyPostTestAccount.options]],
  }

  test.each(Object.keys(adapters))('in what the adapter %s sends', async (name) => {
    const sent: unknown[] = []
    for (const [createClient, options] of clients[name] ?? []) {
      const client = createClient(
        async (_method, _path, body) => {
          sent.push(body)
          return { kind: 'no-answer', reason: 'TIME_OUT' }
        },
        {},
        options,
      )
      await client.create({ order: storedOrder(), reference: 'our-reference', save: savesNothing })
    }
    expect(sent.filter(Boolean)).not.toEqual([])
    expect(JSON.stringify(sent)).toContain(orderBody.shippingAddress.line1)

    const shown = JSON.stringify(await shownOf(sent, {}))

    for (const each of personal) expect(shown).not.toContain(JSON.stringify(each))
    expect(shown).toContain('our-reference')
    expect(shown).toContain(JSON.stringify(country))
  })

  test('in any spelling, in part, or quoted in a response', async () => {
    const sent = { first: 'Ada', street: 'LUISENSTR. 48', phone: '+49301', sku: 'NW-1', country: 'DE' }
    const answered = {
      code: 'ADDRESS_NOT_SERVED',
      message: 'We do not deliver to Luisenstr. 48, Münster, DE.',
    }

    expect(await shownOf(sent, answered)).toMatchObject({
      sent: { first: '…', street: '…', phone: '…', sku: 'NW-1', country: 'DE' },
      answered: { code: 'ADDRESS_NOT_SERVED', message: '…' },
    })
  })

  test.each(['CORRECTED', 'PERSONAL_DATA_REDACTED'] as const)(
    'of what was sent before the order was %s, which no longer says it',
    async (type) => {
      const order = storedOrder({
        timeline: [
          { at: at(), type: 'CREATED' },
          { at: at(2000), type },
        ],
      })

      expect(await shownOf({ street: '1 rue A', quantity: 2 }, {}, order)).toMatchObject({
        sent: { street: '…', quantity: 2 },
      })
    },
  )
})
