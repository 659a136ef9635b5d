import { spawn } from 'node:child_process'
import { join, parse } from 'node:path'
import { text } from 'node:stream/consumers'
import * as z from 'zod'
import type { VendorAuth } from '../lambdas/adapters/vendor-auth.ts'
import type { CreateClient, VendorCodes } from '../lambdas/adapters/vendor-client.ts'
import { createVendorHttp } from '../lambdas/adapters/vendor-http.ts'
import type { StepName } from '../lambdas/domain/chain.ts'
import type { OrderRequest } from '../lambdas/domain/order-request.ts'
import { parsedJson } from '../local/activity.ts'
import { startVendorSimulator } from '../local/vendor-simulator.ts'
import type { CreateProtocol } from '../vendors/protocol.ts'
import { questions } from './contract-questions.ts'
import { type AskedVendor, createTalk } from './contract-talk.ts'

/** What the config says of a vendor: docs/vendor-contract.md tells what it promises by that. */
export interface Promises {
  honoursIdempotencyKey: boolean
  canBeLookedUp: boolean
  canBeCancelled: boolean
}

/** What is tested: an adapter and a fake of its vendor, each as its module's URL and, after `#`, what that exports. */
export interface AdapterTest {
  adapter: URL
  fake: URL
  /** The step whose vendor it is; one of your own is found in lib/steps.ts of the folder in which this runs. */
  step: StepName
  /** What the config says of the vendor. */
  promises: Promises
  /** What the config says to the adapter; nothing, if not given. */
  options?: object
  /** What the order must be so that the fake takes it, such as an address with a postal code. */
  order?: Partial<OrderRequest>
  /** How long the fake takes to do what it has accepted, in ms; it does it at once, if not given. */
  asyncMs?: number
  /** One pair of faults in this many is played, 25 if not given; all of them for 1, none for 0. */
  pairs?: number
}

const player = join(
  import.meta.dirname,
  '..',
  'test',
  'simulation',
  `own-adapter${parse(import.meta.filename).ext}`,
)
const played = z.object({ runs: z.number() })

/**
 * Plays an order's way with an adapter under virtual time: once with each thing that can go wrong with each call, and
 * again with what can go wrong after that: crashes, time-outs, lost answers, refusals, repeats.
 * @returns how many runs held every promise
 * @throws {Error} that tells the shortest story in which something was made twice, got lost, or stayed unknown
 */
export async function surviveEveryCrash({
  pairs = 25,
  options = {},
  order = {},
  ...test
}: AdapterTest): Promise<{ runs: number }> {
  const child = spawn(process.execPath, [player], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(JSON.stringify({ ...test, options, order, pairs }))
  const [said, trouble] = await Promise.all([text(child.stdout), text(child.stderr)])
  const { data } = played.safeParse(parsedJson(said))
  if (data === undefined) throw new Error(`The adapter does not survive every crash.\n${said}${trouble}`)
  return data
}

/** A vendor's own environment for tests, over the network. */
export interface Sandbox {
  url: string
  /** What the vendor's secret has in Secrets Manager. */
  credential: string
  /** As in the config; `bearer`, if not given. */
  auth?: VendorAuth
}

/** What is asked: an adapter, and a fake of its vendor or the vendor's sandbox. */
export interface ContractTest {
  adapter: CreateClient
  vendor: CreateProtocol | Sandbox
  promises: Promises
  /** What the config says to the adapter of codes, and its options; nothing, if not given. */
  codes?: VendorCodes
  options?: object
  /** What the orders must be so that a sandbox takes them, such as items that it has. */
  order?: Partial<OrderRequest>
}

/** What was asked and answered rightly, and what was not asked, and why. */
export interface ContractReport {
  kept: readonly string[]
  leftOut: readonly { question: string; because: string }[]
}

/** A sandbox may take its time: up to a minute for a thing, asked for every two seconds; and this long for a call. */
const sandboxPatience = { forMs: 60_000, everyMs: 2_000 }
const timeoutMs = 10_000

function asked(sandbox: Sandbox): AskedVendor {
  const { url, credential: right, auth = 'bearer' } = sandbox
  const common = { url, auth, timeoutMs, fetch: globalThis.fetch, now: () => Date.now() }
  const httpWith = (which: 'right' | 'wrong') =>
    createVendorHttp({ ...common, credential: async () => (which === 'right' ? right : 'wrong') })
  return { httpWith, patience: sandboxPatience }
}

/**
 * Asks the questions of docs/vendor-contract.md of a fake or a sandbox, through the adapter: what a repeat makes, two
 * at once, what follows a failure or a lost answer, what look-ups find, what can be undone and when it is too late.
 * @throws {Error} that names each question whose answer is wrong, with a sentence that tells what came instead
 */
export async function contractOf(test: ContractTest): Promise<ContractReport> {
  if (typeof test.vendor !== 'function') return askAll(test, asked(test.vendor))
  // Calls take a moment, so that two at once meet. Whatever the credential is, it is taken.
  const simulator = await startVendorSimulator({
    name: 'vendor',
    protocol: withAnyCredential(test.vendor),
    usualMs: [10, 20],
  })
  try {
    return await askAll(test, {
      ...asked({ url: simulator.url, credential: 'any' }),
      faults: (faults) => simulator.setFaults(faults),
      ledger: simulator.ledger,
      patience: { forMs: 10_000, everyMs: 50 },
    })
  } finally {
    await simulator.stop()
  }
}

const withAnyCredential =
  (fake: CreateProtocol): CreateProtocol =>
  (host) => ({ ...fake(host), isAuthorized: () => true })

async function askAll(test: ContractTest, vendor: AskedVendor): Promise<ContractReport> {
  const talk = createTalk(vendor, test)
  const kept: string[] = []
  const leftOut: { question: string; because: string }[] = []
  const wrongs: string[] = []
  for (const { asks, isLeftOut, wrong } of questions) {
    const because = isLeftOut?.(talk)
    if (because !== undefined) leftOut.push({ question: asks, because })
    else {
      const problem = await wrong(talk).catch((error: unknown) => `the adapter threw ${error}.`)
      if (problem === undefined) kept.push(asks)
      else wrongs.push(`${asks}\n  No: ${problem}`)
    }
  }
  if (wrongs.length > 0) throw new Error(`The vendor contract is not kept.\n${wrongs.join('\n')}`)
  return { kept, leftOut }
}
