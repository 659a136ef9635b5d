import { expect, test } from '@jest/globals'
import { loadSettings } from '../../lib/config.ts'
import { parseConfig } from '../../lib/config-schema.ts'

const { environment, speed, queueWaitUnitMs, ...valid } = loadSettings('prod')
const withLogistics = (values: object) => ({
  ...valid,
  vendors: { ...valid.vendors, logistics: { ...valid.vendors.logistics, ...values } },
})
const withShards = (shards: number) => ({ ...valid, outbox: { ...valid.outbox, shards } })
const without = (key: keyof typeof valid) =>
  Object.fromEntries(Object.entries(valid).filter(([name]) => name !== key))

test.each([
  ['a time-out below a second', withLogistics({ timeoutMs: 999 }), 'vendors.logistics.timeoutMs'],
  ['a time-out above five seconds', withLogistics({ timeoutMs: 5001 }), 'vendors.logistics.timeoutMs'],
  ['a single instance', withLogistics({ concurrency: 1 }), 'vendors.logistics.concurrency'],
  ['a vendor in the clear', withLogistics({ url: 'http://carrier.example' }), 'vendors.logistics.url'],
  [
    "a secret's name in place of its ARN",
    withLogistics({ secretArn: 'carrier-key' }),
    'vendors.logistics.secretArn',
  ],
  [
    'less than a call a minute for each worker',
    withLogistics({ ratePerSecond: 1, concurrency: 61 }),
    'vendors.logistics.ratePerSecond',
  ],
  ['a missing answer', withLogistics({ canBeLookedUp: undefined }), 'vendors.logistics.canBeLookedUp'],
  ['half a second', { ...valid, retry: { ...valid.retry, delaysMs: [500] } }, 'retry.delaysMs.0'],
  ['a retention nobody offers', { ...valid, logRetentionDays: 8 }, 'logRetentionDays'],
  ['no throttle', without('throttle'), 'throttle'],
  ['fewer shards than there may be orders in', withShards(15), 'outbox.shards'],
  ['no word on releases', without('gradualRelease'), 'gradualRelease'],
  [
    'a webhook in the clear',
    { ...valid, alarms: { ...valid.alarms, webhook: 'http://hooks.example/sns' } },
    'alarms.webhook',
  ],
  [
    'a circuit that opens longer than it may',
    { ...valid, breaker: { ...valid.breaker, maxOpenMs: 1 } },
    'breaker.maxOpenMs',
  ],
])('%s is refused by name', (_, values, path) => {
  expect(() => parseConfig('prod', values)).toThrow(
    new RegExp(`^The config of "prod" cannot be used\\. ${path} is wrong or missing: .+\\.$`),
  )
})

test('an unknown key is refused by name', () => {
  expect(() => parseConfig('prod', withLogistics({ timeoutms: 3000 }))).toThrow(
    'The config of "prod" cannot be used. vendors.logistics has a key nobody knows: timeoutms.',
  )
})

test('several mistakes are told at once', () => {
  const values = { ...withLogistics({ concurrency: 1 }), logLevel: 'LOUD' }
  expect(() => parseConfig('prod', values)).toThrow(/logLevel.*vendors\.logistics\.concurrency/)
})

test('an unknown environment is refused with those there are', () => {
  expect(() => loadSettings('qa')).toThrow(
    'There is no environment "qa": -c env is one of dev, staging, prod.',
  )
})

test.each(['fast', '0', '0.5', '-1', 'Infinity', ''])('speed "%s" is refused', (value) => {
  expect(() => loadSettings('dev', { speed: value })).toThrow('a number of at least 1')
})

test('an issuer without an audience is refused', () => {
  expect(() => loadSettings('dev', { jwtIssuer: 'https://issuer.example' })).toThrow('jwt.audience')
})

test('an audience without an issuer is refused', () => {
  expect(() => loadSettings('dev', { jwtAudience: 'orders' })).toThrow('jwt.issuer')
})

test('one issuer may serve several audiences', () => {
  const { jwt } = loadSettings('dev', { jwtIssuer: 'https://issuer.example', jwtAudience: 'shop,support' })
  expect(jwt).toEqual({ issuer: 'https://issuer.example', audience: ['shop', 'support'] })
})

test('the command line may put vendors of its own in the place of all of them', () => {
  const vendorUrls = JSON.stringify({ logistics: 'http://localhost:2', wms: 'https://wms.example' })
  const { vendors } = loadSettings('dev', { vendorUrls })
  expect(vendors).toMatchObject({
    logistics: { url: 'http://localhost:2' },
    wms: { url: 'https://wms.example' },
  })
})

test.each([
  ['no JSON', 'http://localhost:2'],
  ['only some of the vendors', '{"logistics": "http://localhost:2"}'],
  ['a vendor nobody knows', '{"logistics": "http://localhost:2", "wms": "http://localhost:3", "x": "y"}'],
])('%s on the command line is refused', (_, vendorUrls) => {
  expect(() => loadSettings('dev', { vendorUrls })).toThrow(
    'it is JSON with a URL for each of logistics, wms, and nothing else.',
  )
})

test("the command line's vendors are held to the rules of the config's", () => {
  const vendorUrls = '{"logistics": "http://localhost:2", "wms": "http://wms.example"}'
  expect(() => loadSettings('dev', { vendorUrls })).toThrow(
    'vendors.wms.url is wrong or missing: must be https',
  )
})

test.each(['dev', 'staging', 'prod'])('%s retries, breaks and waits as the documentation says', (name) => {
  const { retry, breaker, outbox, vendors } = loadSettings(name)
  expect(retry).toEqual({ delaysMs: [1000, 5000, 20_000, 60_000], waitingLimitMs: 86_400_000 })
  expect(breaker).toEqual({ failureThreshold: 5, openMs: 10_000, maxOpenMs: 300_000, cacheMs: 2000 })
  expect(outbox).toEqual({
    graceMs: 60_000,
    relayIntervalMs: 60_000,
    backoffMs: [60_000, 120_000, 240_000, 480_000, 900_000],
    shards: 16,
  })
  for (const vendor of Object.values(vendors)) {
    expect(vendor).toMatchObject({ timeoutMs: 3000, settleMs: 60_000, canBeLookedUp: true })
  }
})
