import { EventEmitter } from 'node:events'
import { expect, test } from '@jest/globals'
import { createOrderReports } from '../../../local/console/order-report.ts'
import type { VendorCall, VendorSimulator } from '../../../local/vendor-simulator.ts'

const address = { line1: '1 rue A', postalCode: '51100', city: 'Reims', country: 'FR' }
const call = (reference: string): VendorCall => ({
  at: '2026-11-02T09:30:00.000Z',
  vendor: 'carrier',
  method: 'POST',
  reference,
  status: 422,
  latencyMs: 5,
  sent: { reference: 'r-1', recipient: { name: 'Paul Henriot', email: 'p@example.com', address } },
  answered: { code: 'ADDRESS_NOT_SERVED', message: 'We do not deliver to 1 rue A, Reims, FR.' },
})
const event = (orderId: string) => ({ id: orderId, detail: { data: { orderId, lane: 'carrier' } } })
const line = (text: string) => ({ at: '2026-11-02T09:30:00.000Z', function: 'logistics-worker', line: text })

test("an order's story has its calls, events and log lines, and nothing that is of a person", () => {
  const activity = new EventEmitter<{ call: [VendorCall] }>()
  const story = createOrderReports({
    vendors: { carrier: { activity } as VendorSimulator },
    eventBridge: { recent: () => [event('ord_1'), event('ord_2')] },
    clicks: { recent: () => [] },
    logs: () => [
      line('{"message":"Step failed","orderId":"ord_1"}'),
      line('ord_1: a crash prints text'),
      line('{"_aws":{},"orderId":"ord_1"}'),
      line('{"message":"Step failed","orderId":"ord_2"}'),
    ],
  })
  for (const orderId of ['ord_1', 'ord_2']) activity.emit('call', call(orderId))

  const { calls, events, logs } = story('ord_1')

  expect(calls).toEqual([
    {
      ...call('ord_1'),
      sent: {
        reference: 'r-1',
        recipient: {
          name: '…',
          email: '…',
          address: { line1: '…', postalCode: '…', city: '…', country: 'FR' },
        },
      },
      answered: { code: 'ADDRESS_NOT_SERVED', message: '…' },
    },
  ])
  expect(events).toEqual([event('ord_1')])
  expect(logs.map((log) => log.line)).toEqual([
    { message: 'Step failed', orderId: 'ord_1' },
    { message: 'ord_1: a crash prints text' },
  ])
})
