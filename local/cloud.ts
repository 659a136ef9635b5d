import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Activity } from './activity.ts'
import { readAssembly, synthesize } from './cloud-assembly.ts'
import type { Issuer } from './control-api.ts'
import { listen } from './server.ts'
import type { LogLine } from './services/lambda-instances.ts'
import { localVendors, vendorNamed } from './vendor-apis.ts'
import { startVendorSimulator, type VendorSimulator } from './vendor-simulator.ts'

const audience = 'create-order'

/** The running cloud. */
export interface Cloud {
  url: string
  /** A token of its own issuer. */
  token: Issuer['sign']
  /** What happens in it. */
  activity: Activity
  stop: () => Promise<void>
}

/** What a cloud is started with; `signal` stops it half-way up. */
export interface CloudOptions {
  port: number
  speed: number
  /** What a simulator's work takes when it is well: from, to. */
  vendorMs?: [number, number]
  /** URLs of vendors of one's own, by name: they take the simulators' places. */
  vendorUrls?: Record<string, string>
  /** Whether changes in the source are followed. */
  watch?: boolean
  /** The file of the functions that take a debugger. */
  inspect?: string | undefined
  signal: AbortSignal
  onLog: (line: LogLine) => void
}

const bringUp = async (
  options: CloudOptions,
  onStop: (stop: () => unknown) => void,
): Promise<Omit<Cloud, 'stop'>> => {
  const { port, speed, vendorMs, vendorUrls: asked = {}, watch, inspect, signal, onLog } = options
  const own = Object.fromEntries(Object.entries(asked).map(([name, url]) => [vendorNamed(name), url]))
  const server = await listen(port)
  onStop(server.close)

  const vendors: Record<string, VendorSimulator> = {}
  const vendorUrls: Record<string, string> = { ...own }
  for (const { name, protocol } of localVendors) {
    if (name in own) continue
    const vendor = await startVendorSimulator({ name, protocol, usualMs: vendorMs })
    onStop(vendor.stop)
    vendors[name] = vendor
    vendorUrls[name] = vendor.url
  }

  const folder = await mkdtemp(join(tmpdir(), 'create-order-'))
  onStop(() => rm(folder, { recursive: true, force: true }))
  const context = {
    env: 'dev',
    speed: String(speed),
    jwtIssuer: `${server.url}/_local`,
    jwtAudience: audience,
    vendorUrls: JSON.stringify(vendorUrls),
    // A debugger finds the source from dist/, and there the bundles change.
    'aws:cdk:disable-asset-staging': watch || inspect !== undefined,
    // What the CDK would tell its makers takes a tenth of the synthesis.
    '@aws-cdk/core:enableAdditionalMetadataCollection': false,
  }
  const assembly = async () => {
    await synthesize(folder, context, signal)
    return readAssembly(folder)
  }
  // Loading the account takes a second, and synthesizing three.
  const account = import('./account.ts').then(({ createAccount }) =>
    createAccount({ server, vendors, vendorUrls, audience, speed, inspect, onLog, onStop }),
  )
  const [stacks, { open, activity, token }] = await Promise.all([assembly(), account])
  await open(stacks, watch ? assembly : undefined)
  signal.throwIfAborted()
  return { url: server.url, token, activity }
}

/**
 * Synthesizes the app, and runs what its templates say, on one port.
 * @throws {Error} when the app does not synthesize, or asks for what is not emulated
 */
export const startCloud = async (options: CloudOptions): Promise<Cloud> => {
  const stops: (() => unknown)[] = []
  const stop = async () => {
    while (stops.length) await stops.pop()?.()
  }
  try {
    return { ...(await bringUp(options, (each) => stops.push(each))), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
