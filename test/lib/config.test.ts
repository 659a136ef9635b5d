import { expect, test } from '@jest/globals'
import { loadSettings } from '../../bin/environments.ts'
import { parseConfig as parse } from '../../lib/config-schema.ts'
import { mapValues } from '../../lib/names.ts'
import { adapters } from '../../vendors/adapters.ts'
import { amazonMcfAccount } from '../../vendors/amazon-mcf/options.ts'
import { easyPostTestAccount } from '../../vendors/easypost/options.ts'

const { environment, speed, queueWaitUnitMs, adapters: _, ...valid } = loadSettings('prod')
const parseConfig = (name: string, values: unknown) => parse(name, values, adapters)
const withCarrier = (values: object) => ({
  ...valid,
  vendors: { ...valid.vendors, carrier: { ...valid.vendors.carrier, ...values } },
})
/** With a second carrier of this name, which gets what the routes say. */
const withCourier = (logistics: unknown, name = 'courier') => ({
  ...valid,
  vendors: { ...valid.vendors, [name]: valid.vendors.carrier },
  routes: { ...valid.routes, logistics },
})
const toFrance = { when: { countries: ['FR'] }, vendor: 'courier' }
const rest = { vendor: 'carrier' }
const withShards = (shards: number) => ({ ...valid, outbox: { ...valid.outbox, shards } })
const without = (key: keyof typeof valid) =>
  Object.fromEntries(Object.entries(valid).filter(([name]) => name !== key))

test('a vendor that no route names any more keeps its lane: its orders go on', () => {
  expect(Object.keys(parseConfig('prod', withCourier([rest])).vendors)).toContain('courier')
})

/** So many of one, under names of their own. */
const named = <Value>(count: number, value: Value): Record<string, Value> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`name-${index}`, value]))

test.each([
  ['a time-out below a second', withCarrier({ timeoutMs: 999 }), 'vendors.carrier.timeoutMs'],
  ['a time-out above five seconds', withCarrier({ timeoutMs: 5001 }), 'vendors.carrier.timeoutMs'],
  ['a single instance', withCarrier({ concurrency: 1 }), 'vendors.carrier.concurrency'],
  ['a vendor in the clear', withCarrier({ url: 'http://carrier.example' }), 'vendors.carrier.url'],
  [
    'a token endpoint in the clear',
    withCarrier({ auth: { tokenUrl: 'http://tokens.example' } }),
    'vendors.carrier.auth.tokenUrl',
  ],
  ['a way to authorize that nobody knows', withCarrier({ auth: 'digest' }), 'vendors.carrier.auth'],
  [
    "a secret's name in place of its ARN",
    withCarrier({ secretArn: 'carrier-key' }),
    'vendors.carrier.secretArn',
  ],
  [
    'less than a call a minute for each worker',
    withCarrier({ ratePerSecond: 1, concurrency: 61 }),
    'vendors.carrier.ratePerSecond',
  ],
  ['a missing answer', withCarrier({ canBeLookedUp: undefined }), 'vendors.carrier.canBeLookedUp'],
  ['a step nobody knows', withCarrier({ step: 'gilding' }), 'vendors.carrier.step'],
  [
    'a vendor with the name of our announcements',
    withCourier([rest], 'announcement'),
    'vendors.announcement',
  ],
  ['a vendor in upper case', withCourier([rest], 'Courier'), 'vendors.Courier'],
  ['a vendor with an underscore', withCourier([rest], 'my_courier'), 'vendors.my_courier'],
  ['a vendor that begins with a digit', withCourier([rest], '2nd'), 'vendors.2nd'],
  ['a vendor whose name is too long', withCourier([rest], 'c'.repeat(31)), `vendors.${'c'.repeat(31)}`],
  ['a step without routes', without('routes'), 'routes'],
  ['a step with no route', withCourier([]), 'routes.logistics'],
  ['a route to nobody', withCourier([{ vendor: 'nobody' }]), 'routes.logistics.0'],
  ["a route to another step's vendor", withCourier([{ vendor: 'warehouse' }]), 'routes.logistics.0'],
  ['conditions on the last route', withCourier([toFrance]), 'routes.logistics.0'],
  ['no conditions on an earlier route', withCourier([rest, rest]), 'routes.logistics.0'],
  [
    'a total without its currency',
    withCourier([{ ...toFrance, when: { total: { min: 1, max: 2 } } }, rest]),
    'routes.logistics.0.when.total.currency',
  ],
  [
    'half a gram',
    withCourier([{ ...toFrance, when: { weightGrams: { min: 0.5, max: 2 } } }, rest]),
    'routes.logistics.0.when.weightGrams.min',
  ],
  [
    'a pattern that is no regular expression',
    withCarrier({ limits: { patterns: { phone: '^[0-9{5}$' } } }),
    'vendors.carrier.limits.patterns.phone',
  ],
  ['a header with a space', withCarrier({ auth: { header: 'X Api Key' } }), 'vendors.carrier.auth.header'],
  ["more shops than an API's authorizer takes", { ...valid, clients: named(51, 'shop') }, 'clients'],
  [
    "more vendors than the relay's environment holds",
    { ...valid, vendors: { ...valid.vendors, ...named(8, valid.vendors.carrier) } },
    'vendors',
  ],
  [
    "more routes than create-order's environment holds",
    withCourier([{ ...toFrance, when: { shops: Object.keys(named(400, '')) } }, rest]),
    'routes',
  ],
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

test('a retired vendor keeps its lane, and no route may name it', () => {
  const retire = (logistics: unknown) => {
    const { vendors, ...values } = withCourier(logistics)
    return { ...values, vendors: { ...vendors, courier: { ...valid.vendors.carrier, retired: true } } }
  }

  expect(Object.keys(parseConfig('prod', retire([rest])).vendors)).toContain('courier')
  expect(() => parseConfig('prod', retire([toFrance, rest]))).toThrow(
    'routes.logistics.0 is wrong or missing: names courier, which is retired.',
  )
})

test('an unknown key is refused by name', () => {
  expect(() => parseConfig('prod', withCarrier({ timeoutms: 3000 }))).toThrow(
    'The config of "prod" cannot be used. vendors.carrier has an unknown key: timeoutms.',
  )
})

test('a condition nobody knows is refused by name', () => {
  const values = withCourier([{ ...toFrance, when: { country: 'FR' } }, rest])
  expect(() => parseConfig('prod', values)).toThrow('routes.logistics.0.when has an unknown key: country.')
})

test.each<[string, unknown, string]>([
  ['what a route names', [{ vendor: 'warehouse' }], 'names warehouse, which is not a vendor of this step'],
  ['where conditions belong', [rest, rest], 'must have conditions unless it is the last one'],
])('a refusal says %s', (_, logistics, words) => {
  expect(() => parseConfig('prod', withCourier(logistics))).toThrow(words)
})

test('a second vendor of a step, with a route to it, is config enough', () => {
  const { vendors, routes } = parseConfig('prod', withCourier([toFrance, rest]))
  expect(Object.keys(vendors)).toEqual(expect.arrayContaining(['carrier', 'warehouse', 'courier']))
  expect(routes.logistics).toEqual([toFrance, rest])
})

test('several mistakes are told at once', () => {
  const values = { ...withCarrier({ concurrency: 1 }), logLevel: 'LOUD' }
  expect(() => parseConfig('prod', values)).toThrow(/logLevel.*vendors\.carrier\.concurrency/)
})

test('an unknown environment is refused with those there are', () => {
  expect(() => loadSettings('qa')).toThrow(
    'There is no environment "qa": -c env must be one of dev, staging, prod.',
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

const { options: accountOptions } = easyPostTestAccount
test.each([
  ['an option that its adapter does not know', { ...accountOptions, key: 'EZTK1' }, 'options'],
  ['a mode that its adapter does not have', { ...accountOptions, mode: 'live' }, 'options.mode'],
  ['no options where its adapter needs some', {}, 'options.from'],
])('a vendor with %s is refused by its path', (_, options, path) => {
  expect(() => parseConfig('prod', withCarrier({ ...easyPostTestAccount, options }))).toThrow(
    `vendors.carrier.${path}`,
  )
})

test.each([
  ['no marketplace', { speeds: {}, comment: 'Thanks' }, 'marketplaceId is wrong or missing: .+'],
  [
    'a marketplace that is none',
    { marketplaceId: 'Germany', speeds: {}, comment: 'Thanks' },
    "marketplaceId is wrong or missing: must be a marketplace's id, such as ATVPDKIKX0DER",
  ],
  [
    'a speed that nobody knows',
    { marketplaceId: 'ATVPDKIKX0DER', speeds: { express: 'Fast' }, comment: 'Thanks' },
    'speeds.express is wrong or missing: .+',
  ],
])('an account at Amazon with %s is refused with a sentence', (_, options, sentence) => {
  const warehouse = { ...valid.vendors.warehouse, ...amazonMcfAccount, options }
  expect(() => parseConfig('prod', { ...valid, vendors: { ...valid.vendors, warehouse } })).toThrow(
    new RegExp(`vendors\\.warehouse\\.options\\.${sentence}\\.$`),
  )
})

test("an adapter for another step's vendors is refused", () => {
  const { options } = easyPostTestAccount
  const warehouse = { ...valid.vendors.warehouse, adapter: 'easypost', options }
  expect(() => parseConfig('prod', { ...valid, vendors: { ...valid.vendors, warehouse } })).toThrow(
    'vendors.warehouse.adapter is wrong or missing: is for vendors of logistics, not of wms.',
  )
})

test.each([
  ['of another adapter', 'staging', { ...easyPostTestAccount, auth: 'bearer' as const }],
  ['with another kind of credential', 'staging', { auth: 'basic' as const }],
  ['whose orders are real', 'prod', {}],
])('a simulator in place of a vendor %s is refused', (_, name, values) => {
  const { environment, speed, queueWaitUnitMs, adapters: _adapters, ...settings } = loadSettings(name)
  const carrier = { ...settings.vendors.carrier, ...values, url: 'simulator' }
  expect(() => parseConfig(name, { ...settings, vendors: { ...settings.vendors, carrier } })).toThrow(
    'vendors.carrier.url is wrong or missing: may be simulated only by the contract, with a bearer token, not in prod',
  )
})

test('a vendor of the contract can be simulated in any environment whose orders are not real', () => {
  const { environment, speed, queueWaitUnitMs, adapters: _adapters, ...settings } = loadSettings('staging')
  const vendors = mapValues(settings.vendors, (each) =>
    adapters.contract?.simulated?.includes(each.step) ? { ...each, url: 'simulator' } : each,
  )
  expect(vendors).toMatchObject({ carrier: { url: 'simulator' }, warehouse: { url: 'simulator' } })
  expect(parseConfig('staging', { ...settings, vendors }).vendors).toEqual(vendors)
})

test('a vendor with an adapter that is not there is refused', () => {
  expect(() => parseConfig('prod', withCarrier({ adapter: 'acme' }))).toThrow(
    'vendors.carrier.adapter is wrong',
  )
})

test('one issuer may serve several audiences', () => {
  const { jwt } = loadSettings('dev', { jwtIssuer: 'https://issuer.example', jwtAudience: 'shop,support' })
  expect(jwt).toEqual({ issuer: 'https://issuer.example', audience: ['shop', 'support'] })
})

const urlsOf = (vendorUrls: object) => {
  const { vendors } = loadSettings('staging', { vendorUrls: JSON.stringify(vendorUrls) })
  return Object.fromEntries(Object.entries(vendors).map(([name, { url }]) => [name, url]))
}

test('the command line may put vendors of its own in the place of all of them, or of some', () => {
  const { carrier } = loadSettings('staging').vendors
  expect(urlsOf({ carrier: 'http://localhost:2', warehouse: 'https://wms.example' })).toMatchObject({
    carrier: 'http://localhost:2',
    warehouse: 'https://wms.example',
  })
  expect(urlsOf({ warehouse: 'http://localhost:3' })).toMatchObject({
    carrier: carrier?.url,
    warehouse: 'http://localhost:3',
  })
})

test.each([
  ['invalid JSON', 'http://localhost:2'],
  ['a list', '["http://localhost:2"]'],
  ['an unknown vendor', '{"carrier": "http://localhost:2", "x": "http://localhost:3"}'],
  ['an inherited property', '{"toString": "http://localhost:2"}'],
])('%s on the command line is refused', (_, vendorUrls) => {
  expect(() => loadSettings('staging', { vendorUrls })).toThrow(
    /it must be JSON with URLs for some of carrier, (.+, )?warehouse, and nothing else\.$/,
  )
})

test("the command line's vendors are held to the rules of the config's", () => {
  expect(() => urlsOf({ warehouse: 'http://wms.example' })).toThrow(
    'vendors.warehouse.url is wrong or missing: must be https',
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
