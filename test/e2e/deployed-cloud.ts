import * as z from 'zod'
import { type Faults, faultsSchema } from '../../vendors/faults.ts'
import type { LedgerEntry } from '../../vendors/protocol.ts'
import { until } from '../until.ts'
import { Cloud, type Ended, runOrderctl, startCloud } from './cloud.ts'

const simulator = z.object({ url: z.url(), credential: z.string() })
const entry = z.object({
  reference: z.string(),
  id: z.string().nullable(),
  createCalls: z.number(),
  created: z.number(),
  voided: z.number(),
})
const ledger = z.object({ entries: z.array(entry) })
/** The URL and credentials of a deployed stack. docs/deploying.md says where to find the values. */
const variables = z.object({
  E2E_URL: z.url(),
  /** The environment's name for `orderctl`, which finds AWS credentials like the AWS CLI. */
  E2E_ENV: z.string().default('dev'),
  /** Tokens of two shops. */
  E2E_TOKEN: z.string(),
  E2E_OTHER_TOKEN: z.string(),
  /** JSON: the control URLs of the simulators, by step. */
  E2E_SIMULATORS: z
    .string()
    .transform((json) => z.object({ logistics: simulator, wms: simulator }).parse(JSON.parse(json))),
})

/** A deployed stack, of which only the API and the vendors' simulators are accessible. */
class DeployedCloud extends Cloud {
  readonly #tokens: Record<'one' | 'other', string>
  readonly #simulators: z.output<typeof variables>['E2E_SIMULATORS']
  readonly #environment: string

  constructor(given: z.output<typeof variables>) {
    const { E2E_URL, E2E_ENV, E2E_TOKEN, E2E_OTHER_TOKEN, E2E_SIMULATORS } = given
    super(E2E_URL.replace(/\/$/, ''), undefined, async () => {})
    this.#environment = E2E_ENV
    this.#tokens = { one: E2E_TOKEN, other: E2E_OTHER_TOKEN }
    this.#simulators = E2E_SIMULATORS
  }

  /** `shop-1` gets the first shop's token, any other name the second's. */
  override async token(sub = 'shop-1'): Promise<string> {
    return sub === 'shop-1' ? this.#tokens.one : this.#tokens.other
  }

  /** On AWS the relay runs once a minute, and a vendor that was down is probed again after at most five minutes. */
  override until<T>(ask: () => Promise<T>, isThere: (answer: T) => boolean): Promise<T> {
    return until(ask, isThere, { everyMs: 1000, withinMs: 900_000 })
  }

  override orderctl(...args: string[]): Promise<Ended> {
    return runOrderctl([...args, '--env', this.#environment], process.env)
  }

  async #ask(vendor: string, method: string, path: string, body?: unknown): Promise<unknown> {
    const { url, credential } = this.#simulators[z.enum(['logistics', 'wms']).parse(vendor)]
    const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!answer.ok)
      throw new Error(`${method} ${url}${path} answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }

  override async faults(vendor: string, faults: Partial<Faults>): Promise<Faults> {
    return faultsSchema.parse(await this.#ask(vendor, 'PUT', '', faults))
  }

  override async ledger(vendor: string): Promise<LedgerEntry[]> {
    return ledger.parse(await this.#ask(vendor, 'GET', '/ledger')).entries
  }
}

/** The cloud under test divides the config's durations by this. */
export const speed = process.env.E2E_URL ? 1 : 20

/** The deployed stack that E2E_URL names, or an embedded cloud. */
export const cloudUnderTest = async (): Promise<Cloud> =>
  process.env.E2E_URL ? new DeployedCloud(variables.parse(process.env)) : startCloud({ speed })
