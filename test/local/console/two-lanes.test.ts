import { EventEmitter } from 'node:events'
import { describe, expect, test } from '@jest/globals'
import { createActivity } from '../../../local/activity.ts'
import { createTopology } from '../../../local/console/topology.ts'
import { createTraffic } from '../../../local/console/traffic.ts'
import { arnOf } from '../../../local/services/aws-service.ts'
import type { DeployedResource } from '../../../local/services/cloudformation.ts'
import type { VendorCall, VendorSimulator } from '../../../local/vendor-simulator.ts'

const urls = {
  carrier: 'http://127.0.0.1:1',
  courier: 'http://127.0.0.1:2',
  easypost: 'http://127.0.0.1:3',
}
const constructs = {
  carrier: 'LogisticsCarrier',
  courier: 'LogisticsCourier',
  easypost: 'LogisticsEasypost',
}

const part = (type: string, path: string, ref: string, service: string, properties: object = {}) => ({
  type,
  path,
  ref,
  name: ref,
  logicalId: ref,
  assetPath: '',
  properties,
  attributes: { Arn: arnOf(service, ref) },
})

/** A carrier's deployed queue and worker. */
function laneOf(vendor: keyof typeof urls, url: string = urls[vendor]): DeployedResource[] {
  const construct = constructs[vendor]
  const [queue, worker] = [`stack-${construct}Queue`, `stack-${construct}Worker`]
  return [
    part('AWS::SQS::Queue', `${construct}/Queue`, queue, 'sqs'),
    part('AWS::Lambda::Function', `${construct}/Worker/Function`, worker, 'lambda', {
      Handler: 'logistics-worker.handler',
      Environment: {
        Variables: {
          VENDOR: JSON.stringify({
            name: vendor,
            step: 'logistics',
            url,
            timeoutMs: 3000,
            ratePerSecond: 50,
          }),
        },
      },
    }),
    part('AWS::Lambda::EventSourceMapping', `${construct}/Messages`, `${construct}-mapping`, 'lambda', {
      EventSourceArn: arnOf('sqs', queue),
      FunctionName: arnOf('lambda', worker),
    }),
  ]
}
const relay = part('AWS::Lambda::Function', 'OutboxRelay/Relay/Function', 'stack-Relay', 'lambda', {
  Handler: 'outbox-relay.handler',
})
const both = () => createTopology([...laneOf('carrier'), ...laneOf('courier'), relay], urls)

describe('the picture of two lanes that run one function file', () => {
  test('has a worker for each lane, which consumes its own queue and calls its own vendor', () => {
    const { nodes, edges, lanes } = both()

    expect(nodes.filter(({ kind }) => kind === 'function')).toMatchObject([
      { id: 'LogisticsCarrier', detail: 'logistics-worker' },
      { id: 'LogisticsCourier', detail: 'logistics-worker' },
      { id: 'outbox-relay', detail: 'outbox-relay' },
    ])
    expect(edges.map(({ id }) => id).sort()).toEqual([
      'LogisticsCarrier/Queue>LogisticsCarrier',
      'LogisticsCarrier>carrier',
      'LogisticsCourier/Queue>LogisticsCourier',
      'LogisticsCourier>courier',
    ])
    expect(lanes).toMatchObject([
      {
        step: 'logistics',
        vendor: 'carrier',
        worker: 'LogisticsCarrier',
        queue: 'LogisticsCarrier/Queue',
        ratePerSecond: 50,
      },
      { step: 'logistics', vendor: 'courier', worker: 'LogisticsCourier', queue: 'LogisticsCourier/Queue' },
    ])
  })

  test('has the brand of a vendor that is named like its adapter', () => {
    const { lanes } = createTopology([...laneOf('carrier'), ...laneOf('easypost')], urls)

    expect(lanes.map(({ vendor, brand }) => [vendor, brand])).toEqual([
      ['carrier', undefined],
      ['easypost', 'EasyPost'],
    ])
  })

  test("reports an operator's writes, after which the page reads orders again", () => {
    const activity = createActivity()
    const traffic = createTraffic({ activity, vendors: {}, topology: both() })
    const resources = [arnOf('dynamodb', 'table/Orders')]
    activity.emit('activity', {
      type: 'aws-call',
      caller: 'operator',
      action: 'UpdateItem',
      resources,
      count: 1,
    })

    expect(Object.values(traffic.take())).toEqual([{ ok: 1, bad: 0 }])
  })

  test('reports running invocations and failures for each worker separately', () => {
    const activity = createActivity()
    const traffic = createTraffic({ activity, vendors: {}, topology: both() })
    const about = { function: 'logistics-worker', arn: arnOf('lambda', 'stack-LogisticsCourierWorker') }

    activity.emit('activity', { type: 'invoke-start', ...about, requestId: 'r-1' })
    activity.emit('activity', { type: 'invoke-start', ...about, requestId: 'r-2' })
    activity.emit('activity', {
      type: 'invoke-end',
      ...about,
      requestId: 'r-2',
      durationMs: 1,
      error: 'crashed',
    })

    expect(traffic.take()).toEqual({ 'LogisticsCourier/Queue>LogisticsCourier': { ok: 2, bad: 0 } })
    expect(traffic.functions()).toMatchObject({
      LogisticsCarrier: { running: 0 },
      LogisticsCourier: { running: 1, trouble: { reason: 'crashed', count: 1 } },
    })
    expect(traffic.functions().LogisticsCarrier).not.toHaveProperty('trouble')
  })
})

describe('a worker', () => {
  const failuresAfter = (status: number | null, method = 'POST') => {
    const calls = new EventEmitter<{ call: [VendorCall] }>()
    const vendors = { courier: { activity: calls } as VendorSimulator }
    const traffic = createTraffic({ activity: createActivity(), vendors, topology: both() })
    calls.emit('call', { at: '', vendor: 'courier', method, reference: null, status, latencyMs: 1 })
    const trouble = traffic.functions().LogisticsCourier?.trouble
    const moves = traffic.take()['LogisticsCourier>courier']
    return { trouble, moves }
  }

  test.each([
    ['an address', 422],
    ['a request', 400],
    ['the rate', 429],
  ])('is well where its vendor refuses %s, though that call fails', (_what, status) => {
    expect(failuresAfter(status)).toEqual({ trouble: undefined, moves: { ok: 0, bad: 1 } })
  })

  test('is healthy if a look-up finds nothing, which is no failure', () => {
    expect(failuresAfter(404, 'GET')).toEqual({ trouble: undefined, moves: { ok: 1, bad: 0 } })
  })

  test.each([
    ['an error', 500, 'HTTP 500'],
    ['a refusal of our credential', 401, 'HTTP 401'],
    ['no answer', null, 'no answer'],
  ])('is in trouble if its vendor gives %s', (_what, status, reason) => {
    expect(failuresAfter(status)).toEqual({ trouble: { reason, count: 1 }, moves: { ok: 0, bad: 1 } })
  })
})

describe('a worker whose vendor has no simulator', () => {
  test.each([
    ['at a URL of its config', laneOf('courier', 'https://api.courier.example/v1')],
    ["at another vendor's simulator", laneOf('courier', urls.carrier)],
  ])('%s is refused, with a sentence that names it', (_, lane) => {
    expect(() => createTopology([...laneOf('carrier'), ...lane], urls)).toThrow(
      'courier has no simulator, and would be called at ',
    )
  })

  test('is accepted if a URL was given for it, by its name or by that of its step', () => {
    const [courier] = ['https://api.courier.example/v1']
    const lane = laneOf('courier', courier)

    expect(createTopology(lane, { courier }).lanes).toHaveLength(1)
    expect(createTopology(lane, { logistics: courier }).lanes).toHaveLength(1)
  })
})
