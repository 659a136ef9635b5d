import * as z from 'zod'
import type { Adapters } from '../vendors/adapters.ts'
import { type Config, parseConfig, type Values, type VendorConfig } from './config-schema.ts'
import { mapValues } from './names.ts'

/** What the command line can override in an environment's config: `-c name=value`. */
export interface Overrides {
  /** Divides every wait, so that hours of trouble take minutes; 1 in every real deployment. */
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
  adapters: Adapters
  speed: number
  /** The granularity of queue delays: a second, divided by speed. */
  queueWaitUnitMs: number
}

/** Creates an application's settings loader, which throws one sentence for each wrong, missing or unknown value. */
export const settingsOf =
  (environments: Readonly<Record<string, Values>>, adapters: Adapters) =>
  (environment: string, overrides: Overrides = {}): Settings => {
    const values = Object.hasOwn(environments, environment) ? environments[environment] : undefined
    if (values === undefined) {
      const known = Object.keys(environments).join(', ')
      throw new Error(`There is no environment "${environment}": -c env must be one of ${known}.`)
    }
    const { jwtIssuer, jwtAudience } = overrides
    const config = parseConfig(
      environment,
      {
        ...values,
        ...((jwtIssuer || jwtAudience) && { jwt: { issuer: jwtIssuer, audience: jwtAudience?.split(',') } }),
        vendors: withUrls(values, overrides.vendorUrls),
      },
      adapters,
    )
    return { ...accelerate(config, parseSpeed(overrides.speed)), environment, adapters }
  }

/** An overridden URL also replaces the host of the token URL, so that the real vendor is never called. */
const authAt = (url: string, auth: VendorConfig['auth']): VendorConfig['auth'] =>
  typeof auth === 'object' && auth.tokenUrl
    ? { ...auth, tokenUrl: new URL(new URL(auth.tokenUrl).pathname, url).href }
    : auth

function withUrls({ vendors }: Values, json: string | undefined): Values['vendors'] {
  if (json === undefined) return vendors
  const names = Object.keys(vendors)
  try {
    const urls = z.partialRecord(z.enum(names), z.string()).parse(JSON.parse(json))
    return mapValues(vendors, (each, name) => {
      const url = urls[name]
      return url === undefined ? each : { ...each, url, auth: authAt(url, each.auth) }
    })
  } catch (cause) {
    const message = `-c vendorUrls=${json} is wrong: it must be JSON with URLs for some of ${names.join(', ')}, and nothing else.`
    throw new Error(message, { cause })
  }
}

function parseSpeed(speed = '1'): number {
  const factor = Number(speed)
  if (factor >= 1 && Number.isFinite(factor)) return factor
  throw new Error(`-c speed=${speed} is wrong: it must be a number of at least 1, which divides every wait.`)
}

function accelerate(config: Config, speed: number): Omit<Settings, 'environment' | 'adapters'> {
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
