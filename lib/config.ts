import * as z from 'zod'
import { easyPostTestAccount } from '../vendors/easypost/options.ts'
import { type Config, parseConfig, type Values, type VendorConfig } from './config-schema.ts'
import { mapValues } from './lanes.ts'

const retry = { delaysMs: [1000, 5000, 20_000, 60_000], waitingLimitMs: 24 * 3_600_000 }
const breaker = { failureThreshold: 5, openMs: 10_000, maxOpenMs: 300_000, cacheMs: 2000 }
const outbox = {
  graceMs: 60_000,
  relayIntervalMs: 60_000,
  backoffMs: [60_000, 120_000, 240_000, 480_000, 900_000],
  shards: 16,
}
const vendor = {
  adapter: 'contract',
  options: {},
  auth: 'bearer' as const,
  limits: {},
  timeoutMs: 3000,
  canBeLookedUp: true,
  canBeCancelled: true,
  settleMs: 60_000,
  keysKeptHours: 30 * 24,
  codes: {},
}

const base: Values = {
  retainData: false,
  logLevel: 'DEBUG',
  logRetentionDays: 7,
  orderRetentionDays: 30,
  eventArchiveDays: 7,
  clients: { 'smoke-tests': 'shop', support: 'support' },
  throttle: { ratePerSecond: 500, burst: 1000 },
  gradualRelease: false,
  alarms: { vendorDownMinutes: 10, runbookUrl: 'docs/runbook.md' },
  retry,
  breaker,
  outbox,
  vendors: {
    carrier: {
      ...vendor,
      step: 'logistics',
      url: 'https://sandbox.carrier.example/v1',
      honoursIdempotencyKey: false,
      ratePerSecond: 50,
      concurrency: 4,
    },
    warehouse: {
      ...vendor,
      step: 'wms',
      url: 'https://sandbox.warehouse.example/v1',
      honoursIdempotencyKey: true,
      ratePerSecond: 50,
      concurrency: 4,
    },
  },
  routes: {
    logistics: [{ vendor: 'carrier' }],
    wms: [{ vendor: 'warehouse' }],
  },
}

/** dev also has a second carrier, for those who ask for express. */
const dev: Values = {
  ...base,
  vendors: { ...base.vendors, easypost: { ...vendor, ...easyPostTestAccount, step: 'logistics' } },
  routes: {
    ...base.routes,
    logistics: [{ when: { services: ['express'] }, vendor: 'easypost' }, ...base.routes.logistics],
  },
}

const staging: Values = {
  ...base,
  logLevel: 'INFO',
  logRetentionDays: 30,
  eventArchiveDays: 30,
  throttle: { ratePerSecond: 200, burst: 400 },
  vendors: mapValues(base.vendors, (each) => ({ ...each, ratePerSecond: 20 })),
}

const prod: Values = {
  ...staging,
  retainData: true,
  logRetentionDays: 90,
  orderRetentionDays: 730,
  eventArchiveDays: 90,
  throttle: { ratePerSecond: 1000, burst: 2000 },
  provisionedConcurrency: 2,
  gradualRelease: true,
  alarms: { ...staging.alarms, vendorDownMinutes: 5 },
  vendors: mapValues(staging.vendors, (each) => ({ ...each, url: each.url.replace('sandbox', 'api') })),
}

const environments = { dev, staging, prod }

/** What the command line can change of an environment's config: `-c name=value`. */
export interface Overrides {
  /** Divides every wait, so that hours of trouble can be watched in minutes; 1 in every real deployment. */
  speed?: string | undefined
  jwtIssuer?: string | undefined
  /** Comma-separated. */
  jwtAudience?: string | undefined
  /** JSON: URLs of vendors, by name. */
  vendorUrls?: string | undefined
}

/** One environment's config with its waits divided by `speed`. */
export interface Settings extends Config {
  environment: string
  speed: number
  /** The unit in which queues can wait: a second, divided by speed. */
  queueWaitUnitMs: number
}

/** An environment's settings. Throws an error with one sentence for each wrong, missing or unknown value. */
export function loadSettings(environment: string, overrides: Overrides = {}): Settings {
  const values = environments[environment as keyof typeof environments]
  if (!Object.hasOwn(environments, environment)) {
    const known = Object.keys(environments).join(', ')
    throw new Error(`There is no environment "${environment}": -c env is one of ${known}.`)
  }
  const { jwtIssuer, jwtAudience } = overrides
  const config = parseConfig(environment, {
    ...values,
    ...((jwtIssuer || jwtAudience) && { jwt: { issuer: jwtIssuer, audience: jwtAudience?.split(',') } }),
    vendors: withUrls(values, overrides.vendorUrls),
  })
  return { ...accelerate(config, parseSpeed(overrides.speed)), environment }
}

/** Who plays a vendor gives its tokens, too: nothing but what is named is called. */
const authAt = (url: string, auth: VendorConfig['auth']): VendorConfig['auth'] =>
  typeof auth === 'object' && auth.tokenUrl
    ? { ...auth, tokenUrl: new URL(new URL(auth.tokenUrl).pathname, url).href }
    : auth

/** A step's name stands for the vendor that gets the rest of its orders. */
function withUrls({ vendors, routes }: Values, json: string | undefined): Values['vendors'] {
  if (json === undefined) return vendors
  const names = Object.keys(vendors)
  try {
    const known = z.enum([...names, ...Object.keys(routes)])
    const urls = z.partialRecord(known, z.string()).parse(JSON.parse(json))
    return mapValues(vendors, (each, name) => {
      const isRest = routes[each.step].at(-1)?.vendor === name
      const url = urls[name] ?? (isRest ? urls[each.step] : undefined)
      return url === undefined ? each : { ...each, url, auth: authAt(url, each.auth) }
    })
  } catch (cause) {
    const message = `-c vendorUrls=${json} is wrong: it is JSON with URLs for some of ${names.join(', ')}, and nothing else.`
    throw new Error(message, { cause })
  }
}

function parseSpeed(speed = '1'): number {
  const factor = Number(speed)
  if (factor >= 1 && Number.isFinite(factor)) return factor
  throw new Error(`-c speed=${speed} is wrong: it is a number of at least 1 that divides every wait.`)
}

function accelerate(config: Config, speed: number): Omit<Settings, 'environment'> {
  const faster = (ms: number) => Math.max(1, Math.round(ms / speed))
  const { retry, breaker, outbox, vendors } = config
  return {
    ...config,
    speed,
    queueWaitUnitMs: faster(1000),
    retry: { delaysMs: retry.delaysMs.map(faster), waitingLimitMs: faster(retry.waitingLimitMs) },
    breaker: {
      ...breaker,
      openMs: faster(breaker.openMs),
      maxOpenMs: faster(breaker.maxOpenMs),
      cacheMs: faster(breaker.cacheMs),
    },
    outbox: {
      ...outbox,
      graceMs: faster(outbox.graceMs),
      relayIntervalMs: faster(outbox.relayIntervalMs),
      backoffMs: outbox.backoffMs.map(faster),
    },
    vendors: mapValues(vendors, (each) => ({ ...each, settleMs: faster(each.settleMs) })),
  }
}
