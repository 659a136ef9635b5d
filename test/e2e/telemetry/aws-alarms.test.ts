import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type Sample, wouldFire } from './alarm-evaluation.ts'
import { metricKey, readTemplate } from './template.ts'

/**
 * The alarms on faults that occur only on AWS. No run of ours can raise them, so each is evaluated on made-up data of
 * its fault, and of a day that comes close to it.
 */
const { alarms } = await readTemplate()
const minuteMs = 60_000

/** One sample per minute. */
const byMinute = (metric: string, ...values: (number | undefined)[]): Sample[] =>
  values.flatMap((value, minute) => (value === undefined ? [] : [{ at: minute * minuteMs, metric, value }]))

interface Days {
  bad: Sample[]
  good: Sample[]
}

function throttled(name: string): Days {
  const metric = metricKey('AWS/Lambda', 'Throttles', { FunctionName: name })
  const quiet = Array.from({ length: 4 }, () => 0)
  return {
    bad: byMinute(metric, 1, ...quiet, 1, ...quiet, 1, ...quiet),
    // A burst that ends before Lambda has scaled out.
    good: byMinute(metric, 500, ...quiet, 0, ...quiet, 0, ...quiet),
  }
}

function undelivered(QueueName: string): Days {
  const metric = metricKey('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName })
  return { bad: byMinute(metric, 0, 1), good: byMinute(metric, 0, 0) }
}

function slow(): Days {
  const metric = metricKey('AWS/ApiGateway', 'Latency', { ApiId: 'ApiHttpApi' })
  const minutes = (count: number) =>
    Array.from({ length: count * 100 }, (_, click) => ({
      at: click * (minuteMs / 100),
      metric,
      value: click % 50 === 0 ? 1500 : 20,
    }))
  return { bad: minutes(5), good: minutes(4) }
}

function tableThrottled(): Days {
  const refused = (Operation: string, count: number) =>
    byMinute(
      metricKey('AWS/DynamoDB', 'ThrottledRequests', {
        Operation,
        TableName: 'PublishOutputRefOrderTable416EB896',
      }),
      count,
    )
  return {
    bad: [...refused('PutItem', 6), ...refused('UpdateItem', 5)],
    good: [...refused('PutItem', 6), ...refused('UpdateItem', 4)],
  }
}

/** The relay waits 1, 3, 7, 15, … minutes after its 1st, 2nd, 3rd, 4th, … send. */
function unclaimed(): Days {
  const metric = metricKey('CreateOrder/dev', 'UnclaimedSeconds', { service: 'outbox-relay' })
  const waitedMinutes = (...sums: number[]) =>
    sums.map((minutes) => ({ at: (minutes + 1) * minuteMs, metric, value: minutes * 60 }))
  return { bad: waitedMinutes(0, 1, 3, 7, 15), good: waitedMinutes(0, 1, 3, 7) }
}

const days: Record<string, Days> = {
  OutboxRelayOrdersUnclaimed: unclaimed(),
  LogisticsCarrierUndelivered: undelivered('LogisticsCarrierUndeliveredQueue'),
  WmsWarehouseUndelivered: undelivered('WmsWarehouseUndeliveredQueue'),
  LogisticsCarrierWorkerThrottled: throttled('logistics-worker'),
  WmsWarehouseWorkerThrottled: throttled('wms-worker'),
  OutboxRelayThrottled: throttled('outbox-relay'),
  ApiCreateOrderThrottled: throttled('create-order'),
  ApiSlow: slow(),
  ApiTableThrottled: tableThrottled(),
}

describe.each(Object.entries(days))('%s', (name, { bad, good }) => {
  const alarm = alarms.find((each) => each.name === name)

  test('would fire on the data of its fault', () => {
    expect(alarm && wouldFire(alarm, bad, 1)).toBe(true)
  })

  test('would not on a day that comes close', () => {
    expect(alarm && wouldFire(alarm, good, 1)).toBe(false)
  })
})

test('docs/alarms.md says of these alarms, and of no others, that they were judged on made data', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'alarms.md'), 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)` \| .*? \| made data: .*? \|$/gm)].map(([, name]) => name)
  expect(rows.sort()).toEqual(Object.keys(days).sort())
})
