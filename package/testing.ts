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

/** What the config promises about a vendor; docs/vendor-contract.md explains each promise. */
export interface Promises {
  honoursIdempotencyKey: boolean
  canBeLookedUp: boolean
  canBeCancelled: boolean
}

/** The adapter and the fake to test. Each is its module's URL with the name of the export after `#`. */
export interface AdapterTest {
  adapter: URL
  fake: URL
  /** The step of the vendor. A step of your own is looked up in lib/steps.ts of the folder in which this runs. */
  step: StepName
  /** What the config promises about the vendor. */
  promises: Promises
  /** The adapter's options in the config; none, if not given. */
  options?: object
  /** What the fake requires of an order, such as an address with a postal code. */
  order?: Partial<OrderRequest>
  /** How long the fake's accepted work takes, in ms. It is done at once, if not given. */
  asyncMs?: number
  /** One in this many pairs of faults is played (default 25): 1 plays all of them, 0 none. */
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
 * Plays orders with an adapter in virtual time: one run for each fault at each call, and runs with a second fault after
 * the first one. Faults are crashes, time-outs, lost answers, refusals and repeats.
 * @returns the number of runs, all of which kept every promise
 * @throws {Error} with the shortest run in which something was made twice, was lost, or stayed unknown
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
  /** The credential, as in the vendor's secret in Secrets Manager. */
  credential: string
  /** The authentication, as in the config (default `bearer`). */
  auth?: VendorAuth
}

/** The adapter to question, and a fake of its vendor or the vendor's sandbox. */
export interface ContractTest {
  adapter: CreateClient
  vendor: CreateProtocol | Sandbox
  promises: Promises
  /** The vendor's codes and the adapter's options in the config; none, if not given. */
  codes?: VendorCodes
  options?: object
  /** What a sandbox requires of orders, such as items that it has. */
  order?: Partial<OrderRequest>
}

/** The questions with a right answer, and those that were not asked, with the reason. */
export interface ContractReport {
  kept: readonly string[]
  leftOut: readonly { question: string; because: string }[]
}

/** A sandbox may need a minute to make a thing, which is looked up every two seconds; `timeoutMs` is for one call. */
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
 * Asks a fake or a sandbox the questions of docs/vendor-contract.md through the adapter: what a repeat makes, what two
 * creates at once make, what follows a failure or a lost answer, what look-ups find, what can be undone, and until when.
 * @throws {Error} that names each question with a wrong answer, and says what came instead
 */
export async function contractOf(test: ContractTest): Promise<ContractReport> {
  if (typeof test.vendor !== 'function') return askAll(test, asked(test.vendor))
  // Calls take a moment, so that two at once overlap. Any credential is accepted.
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
