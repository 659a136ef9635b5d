import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Template } from 'aws-cdk-lib/assertions'
import { loadSettings } from '../../bin/environments.ts'
import { parseEnv } from '../../lambdas/runtime/env.ts'
import { outboxRelayEnv } from '../../lambdas/runtime/relay-env.ts'
import { stacksOf } from './stacks.ts'
import { resolvedVariables } from './start-function.ts'
import { nameOf, type Resource } from './templates.ts'

/** What each of two carriers has of its own, by its name. */
const carriers = {
  carrier: { construct: 'LogisticsCarrier', ratePerSecond: 20, concurrency: 4 },
  'night-courier': { construct: 'LogisticsNightCourier', ratePerSecond: 5, concurrency: 2 },
}
const names = ['carrier', 'night-courier'] as const
const logistics = [{ when: { services: ['night'] }, vendor: 'night-courier' }, { vendor: 'carrier' }]

let stateful: Template
let stateless: Template
let settings: ReturnType<typeof loadSettings>
beforeAll(() => {
  const prod = loadSettings('prod')
  const { carrier } = prod.vendors
  if (carrier === undefined) throw new Error('The config has other carriers by now')
  const { ratePerSecond, concurrency } = carriers['night-courier']
  const courier = { ...carrier, ratePerSecond, concurrency }
  settings = {
    ...prod,
    vendors: { ...prod.vendors, 'night-courier': courier, 'old-courier': { ...courier, retired: true } },
    routes: { ...prod.routes, logistics },
  }
  const stacks = stacksOf(settings)
  stateful = stacks.stateful
  stateless = stacks.stateless
}, 60_000)

const all = (type: string) => Object.entries(stateless.findResources(type)) as [string, Resource][]
const variablesOf = (service: string) =>
  all('AWS::Lambda::Function')
    .map(([, { Properties }]) => Properties.Environment.Variables)
    .find(({ POWERTOOLS_SERVICE_NAME }) => POWERTOOLS_SERVICE_NAME === service)

describe.each(names)('of two vendors of a step, %s', (name) => {
  const { construct, ratePerSecond, concurrency } = carriers[name]
  /** The properties of its one resource of a type. */
  const own = (type: string): Resource['Properties'] => {
    const found = all(type).filter(([id]) => id.startsWith(construct))
    expect(found).toHaveLength(1)
    return found[0]?.[1].Properties
  }

  test('gets the events of its lane alone, in a queue of its own', () => {
    const { EventPattern, Targets } = own('AWS::Events::Rule')

    expect(EventPattern).toEqual({ source: ['orders'], detail: { data: { lane: [name] } } })
    expect(nameOf(Targets[0].Arn)).toBe(`${construct}Queue`)
  })

  test('has a worker of its own that runs the function of the step, with its credential and its name', () => {
    const { Handler, Environment } = own('AWS::Lambda::Function')
    const { VENDOR, VENDOR_SECRET_ARN, POWERTOOLS_SERVICE_NAME } = Environment.Variables

    expect(Handler).toBe('logistics-worker.handler')
    expect(JSON.parse(VENDOR)).toMatchObject({ name, step: 'logistics', ratePerSecond, concurrency })
    expect(nameOf(VENDOR_SECRET_ARN)).toBe(`${construct}Secret`)
    expect(POWERTOOLS_SERVICE_NAME).toBe(name)
  })

  test('is called by as many workers at once as its own config says, from its own queue', () => {
    const { EventSourceArn, ScalingConfig } = own('AWS::Lambda::EventSourceMapping')

    expect(ScalingConfig).toEqual({ MaximumConcurrency: concurrency })
    expect(nameOf(EventSourceArn)).toBe(`${construct}Queue`)
  })

  test('has every alarm of a lane, and none that looks at the other one', () => {
    const alarms = all('AWS::CloudWatch::Alarm').filter(([id]) => id.startsWith(construct))
    const [other = ''] = names.filter((each) => each !== name)

    expect(alarms.map(([id]) => id.slice(construct.length, -8)).sort()).toEqual(
      all('AWS::CloudWatch::Alarm')
        .filter(([id]) => id.startsWith('WmsWarehouse'))
        .map(([id]) => id.slice('WmsWarehouse'.length, -8))
        .sort(),
    )
    for (const [, alarm] of alarms) {
      expect(alarm.Properties.AlarmDescription).not.toMatch(new RegExp(`(for|of|vendor) ${other}\\b`))
      expect(JSON.stringify(alarm.Properties.Dimensions ?? alarm.Properties.Metrics)).not.toContain(
        `"${other}"`,
      )
    }
  })

  test('has two rows of its own on the dashboard', () => {
    const [[, dashboard]] = all('AWS::CloudWatch::Dashboard') as [[string, Resource]]
    const text = JSON.stringify(dashboard.Properties.DashboardBody)

    for (const row of ['queue and function', 'vendor and outcomes'])
      expect(text.split(`## ${name}: ${row}`)).toHaveLength(2)
  })
})

test('no graph shows a metric twice, as it would where two lanes shared one', () => {
  const [[, dashboard]] = all('AWS::CloudWatch::Dashboard') as [[string, Resource]]
  const [, parts] = dashboard.Properties.DashboardBody['Fn::Join'] as [string, unknown[]]
  const body = JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'stand-in')).join(''))
  for (const { properties } of body.widgets) {
    const ours = (properties.metrics ?? []).filter(
      ([namespace]: string[]) => namespace === 'CreateOrder/prod',
    )
    const metrics = ours.map((row: unknown[]) =>
      JSON.stringify(row, (key, value) => (key === 'label' ? undefined : value)),
    )
    expect(metrics).toEqual([...new Set(metrics)])
  }
})

test('the relay looks after each lane by itself, and the click knows the routes', () => {
  const { LANES } = parseEnv(outboxRelayEnv, resolvedVariables(variablesOf('outbox-relay')))

  const lanes = LANES.map(({ step, vendor, ratePerSecond }) => ({ step, vendor, ratePerSecond }))
  expect(lanes).toEqual(
    Object.entries(settings.vendors).map(([vendor, { step, ratePerSecond }]) => ({
      step,
      vendor,
      ratePerSecond,
    })),
  )
  expect(lanes).toContainEqual({ step: 'logistics', vendor: 'night-courier', ratePerSecond: 5 })
  expect(JSON.parse(variablesOf('create-order').ROUTES)).toEqual({ ...settings.routes, logistics })
})

test('a retired vendor keeps its lane, and the tools are told that it gets no more orders', () => {
  const outputs = Object.entries(stateful.findOutputs('*'))
  const [, output] = outputs.find(([name]) => name.startsWith('Settings')) ?? []
  const { vendors } = JSON.parse(output?.Value)

  expect(vendors['old-courier']).toMatchObject({ step: 'logistics', retired: true })
  expect(vendors.carrier).not.toHaveProperty('retired')
  expect(variablesOf('old-courier')).toBeDefined()
})
