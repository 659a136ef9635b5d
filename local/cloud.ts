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

/** A running emulated cloud. */
export interface Cloud {
  url: string
  /** Signs a token that the API accepts. */
  token: Issuer['sign']
  activity: Activity
  stop: () => Promise<void>
}

/** Options of `startCloud`; aborting `signal` stops a start in progress. */
export interface CloudOptions {
  port: number
  speed: number
  /** The range of a healthy simulator's response time, in ms. */
  vendorMs?: [number, number]
  /** Base URLs of the developer's own vendors, keyed by vendor name; they replace the simulators. */
  vendorUrls?: Record<string, string>
  /** Whether source changes are watched and applied. */
  watch?: boolean
  /** The handler file whose functions open a debugger port. */
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
    // Unstaged assets stay in dist/, where the debugger finds source maps and --watch rewrites the bundles.
    'aws:cdk:disable-asset-staging': watch || inspect !== undefined,
    // Collecting the CDK's usage metadata takes a tenth of the synthesis time.
    '@aws-cdk/core:enableAdditionalMetadataCollection': false,
  }
  const assembly = async () => {
    await synthesize(folder, context, signal)
    return readAssembly(folder)
  }
  // Load the account module (1 s) while the app synthesizes (3 s).
  const account = import('./account.ts').then(({ createAccount }) =>
    createAccount({ server, vendors, vendorUrls, audience, speed, inspect, onLog, onStop }),
  )
  const [stacks, { open, activity, token }] = await Promise.all([assembly(), account])
  await open(stacks, watch ? assembly : undefined)
  signal.throwIfAborted()
  return { url: server.url, token, activity }
}

/**
 * Synthesizes the app and runs its templates on one port.
 * @throws {Error} if the app does not synthesize, or if a template needs something that is not emulated
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
