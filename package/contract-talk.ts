import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { createSafeClient, type VendorClient, type VendorJob } from '../lambdas/adapters/vendor-client.ts'
import type { VendorHttp } from '../lambdas/adapters/vendor-http.ts'
import { vendorReference } from '../lambdas/application/vendor-call.ts'
import type { Meaning } from '../lambdas/domain/vendor-answer.ts'
import { orderOf } from '../vendors/conduct.ts'
import type { Faults } from '../vendors/faults.ts'
import type { LedgerEntry } from '../vendors/protocol.ts'
import { sampleOrder } from './sample-order.ts'
import type { ContractTest } from './testing.ts'

/** Wraps a client's HTTP, to change or count its calls. */
export type Way = (http: VendorHttp) => VendorHttp
const straight: Way = (http) => http

/** Applies a way only to the call with this number, counted from 1. */
export const at =
  (number: number, way: Way): Way =>
  (http) => {
    let calls = 0
    return (...request) => (++calls === number ? way(http) : http)(...request)
  }

/** A way that records the calls. */
export function counted() {
  const made: string[] = []
  const way: Way =
    (http) =>
    (...request) => {
      made.push(`${request[0]} ${request[1]}`)
      return http(...request)
    }
  return { made, way }
}

/** The vendor that is tested. One with faults and a ledger is a fake. */
export interface AskedVendor {
  httpWith(credential: 'right' | 'wrong'): VendorHttp
  faults?: (faults: Partial<Faults>) => void
  ledger?: () => LedgerEntry[]
  /** How long accepted work may take, and how often it is looked up, in ms. */
  patience: { forMs: number; everyMs: number }
}

const isUnderWay = ({ made, blame }: Meaning) =>
  made === 'accepted' || (made === 'unknown' && blame === 'nobody')

/** The tools with which questions are asked. */
export type Talk = ReturnType<typeof createTalk>

/** Creates the tools to question one vendor through one adapter, as the pipeline would. */
export function createTalk(vendor: AskedVendor, test: ContractTest) {
  const { adapter, promises, codes = {}, options = {} } = test
  const clientOf = (http: VendorHttp) => createSafeClient(http, (each) => adapter(each, codes, options))
  const client = (way = straight): VendorClient => clientOf(way(vendor.httpWith('right')))

  function newJob(): VendorJob {
    const order = sampleOrder(test.order)
    const job: VendorJob = {
      order,
      reference: vendorReference(order, order.round),
      save: async (checkpoint) => {
        job.checkpoint = checkpoint
      },
    }
    return job
  }

  /** Repeats the call, as the pipeline does, while the work is only accepted or in progress. */
  async function finished(
    job: VendorJob,
    first: Meaning,
    call: 'create' | 'cancel' = 'create',
  ): Promise<Meaning> {
    const again = call === 'create' && promises.canBeLookedUp ? 'lookUp' : call
    const { forMs, everyMs } = vendor.patience
    const endsAt = Date.now() + forMs
    let meaning = first
    while (isUnderWay(meaning) && Date.now() < endsAt) {
      await sleep(Math.min(meaning.retryAfterMs ?? everyMs, everyMs))
      meaning = await client()[again](job)
    }
    return meaning
  }

  const made = async (job: VendorJob) => finished(job, await client().create(job))

  return {
    promises,
    faults: vendor.faults,
    /** The number of the HTTP call in which a create makes the thing. */
    makes: 1,
    client,
    newJob,
    finished,
    made,
    /** Finds out what a create with an unknown outcome has made, as the pipeline does. */
    async foundOut(job: VendorJob, meaning: Meaning): Promise<Meaning> {
      if (meaning.made !== 'unknown') return finished(job, meaning)
      if (promises.honoursIdempotencyKey) return made(job)
      const found = await finished(job, await client().lookUp(job))
      return found.reason === 'NOT_THERE' ? made(job) : found
    },
    /** A fake accepts any credential, so there the refusal is a fault. */
    async withWrongCredential<T>(ask: (client: VendorClient) => Promise<T>): Promise<T> {
      vendor.faults?.({ unauthorized: true })
      const asked = ask(clientOf(vendor.httpWith('wrong')))
      return asked.finally(() => vendor.faults?.({ unauthorized: false }))
    },
    /** Why two answers about one job do not show exactly one good thing; undefined if they do. */
    differs({ reference }: VendorJob, one: Meaning, other: Meaning): string | undefined {
      const [first, second] = [one, other].map((each) => JSON.stringify(each))
      if (!isDeepStrictEqual(one, other)) return `the answers were ${first} and ${second}.`
      if (one.made !== 'yes') return `the answer was ${first}.`
      const { created = 0 } = vendor.ledger?.().find((entry) => entry.reference === orderOf(reference)) ?? {}
      return created > 1 ? `the vendor made ${created} things for one order.` : undefined
    },
  }
}
