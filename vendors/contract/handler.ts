import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import { createRateLimit, decide, isHeldBack, newRecord, orderOf } from '../conduct.ts'
import { type Faults, mergedFaults } from '../faults.ts'
import type { Answer, Call, VendorProtocol } from '../protocol.ts'
import { contract, recall } from './fake.ts'
import type { VendorStore, Work } from './store.ts'

/** The path of the faults and the ledger, which need the vendor's credential. */
const controlPath = '/_simulator'
/** Longer than any vendor time-out, so that the caller has left by then. */
const heldBackMs = 6000
/** Together with `heldBackMs` and the AWS calls it is below the function's time-out. */
const longestWaitMs = 20_000
/** A changed credential is noticed after this time. */
const credentialMs = 10_000

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
const request = z.object({
  rawPath: z.string(),
  headers: z.record(z.string(), z.string()),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean(),
})

/** The dependencies of a simulator. */
export interface SimulatorDeps {
  step: 'logistics' | 'wms'
  store: VendorStore
  /** The vendor's credential; a cached one must not be older than `since`, in epoch ms. */
  credential: (since: number) => Promise<string>
  now: () => number
  sleep: (ms: number) => Promise<unknown>
  log: (message: string, fields: object) => void
}

/** Parses a JSON body: null if it is not JSON, undefined if there is no body. */
function parse({ body, isBase64Encoded }: z.output<typeof request>): unknown {
  if (body === undefined) return undefined
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString() : body)
  } catch {
    return null
  }
}

function isSame(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return first !== undefined && second !== undefined && timingSafeEqual(first, second)
}

/**
 * A vendor of docs/vendor-contract.md as a function with a URL. Its things are in a table; each call is one transaction.
 * It accepts only the vendor's credential. Faults differ from a local simulator's: `down` is a 503, because a URL on AWS
 * is always reachable; each instance counts rates by itself; no unfinished work can be lost, so an immediate repeat waits
 * for the first call and never gets 409.
 */
export function createHandler({ step, store, credential, now, sleep, log }: SimulatorDeps) {
  const takesOneMore = createRateLimit(now)
  const serial = () => randomInt(1e11, 9e11)
  const play = ({ memory, recordOf }: Work): VendorProtocol =>
    contract[step]({ now, serial, recordOf }, memory)
  const { refusals, about } = play({ memory: recall(), recordOf: () => newRecord('') })

  const isAuthorized = async (given = '') =>
    isSame(given, `Bearer ${await credential(0)}`) ||
    isSame(given, `Bearer ${await credential(now() - credentialMs)}`)

  function merged(faults: Faults, partial: unknown): Faults {
    const wanted = mergedFaults(faults, partial)
    if (Math.max(wanted.latencyMs, wanted.workAfterTimeoutMs ?? 0) <= longestWaitMs) return wanted
    throw new Error(`A simulator on AWS waits ${longestWaitMs} ms at most.`)
  }

  async function setFaults(partial: unknown): Promise<Answer> {
    const current = await store.faults()
    try {
      const body = merged(current, partial)
      await store.setFaults(body)
      return { status: 200, body }
    } catch (error) {
      return { status: 400, body: { message: error instanceof Error ? error.message : String(error) } }
    }
  }

  async function control({ method, url, body }: Call): Promise<Answer> {
    const asked = `${method} ${url}`
    if (asked === `GET ${controlPath}`) return { status: 200, body: await store.faults() }
    if (asked === `PUT ${controlPath}`) return setFaults(body)
    if (asked === `GET ${controlPath}/ledger`) return { status: 200, body: { entries: await store.ledger() } }
    return { status: 404, body: { message: `There is no ${asked}.` } }
  }

  /** How long a call waits before it is processed. A new create may have to wait until the caller has left. */
  async function waitMs(call: Call, order: string, faults: Faults): Promise<number> {
    const { workAfterTimeoutMs: lateMs, latencyMs } = faults
    if (lateMs === null) return latencyMs
    const decision = await store.look(order, (work) => play(work).decide(call, faults))
    return 'kind' in decision && decision.kind === 'create' ? lateMs : latencyMs
  }

  /** The response, or null if it must not be sent. */
  async function answerTo(call: Call, faults: Faults): Promise<Answer | null> {
    if (faults.down) return { status: 503, body: { code: 'DOWN', message: 'Nobody is here.' } }
    const { reference, isCreate } = about(call)
    const order = orderOf(reference ?? '')
    await sleep(await waitMs(call, order, faults))
    const key = call.headers['idempotency-key']?.toString()
    if (key && isCreate && reference && faults.idempotency && !(await store.holdKey(key, order)))
      return {
        status: 422,
        body: { code: 'KEY_REUSED', message: 'This Idempotency-Key came with another order.' },
      }
    return store.transact(order, (work) => {
      const decision = decide(call, faults, { protocol: play(work), recordOf: work.recordOf, takesOneMore })
      const { finish, kind } = 'finish' in decision ? decision : { finish: () => decision }
      const answer = finish()
      return isHeldBack(faults, kind) ? null : answer
    })
  }

  return async (event: unknown) => {
    const asked = request.parse(event)
    const { rawPath, headers, requestContext } = asked
    // A function's URL ends with a slash and a path begins with one, so there are two.
    const url = rawPath.replace(/^\/\//, '/')
    const { method } = requestContext.http
    const call: Call = { method, url, headers, body: parse(asked) }
    const isControl = url.startsWith(controlPath)
    const startedAt = now()
    const answer = !(await isAuthorized(headers.authorization))
      ? refusals.unauthorized
      : await (isControl ? control(call) : answerTo(call, await store.faults()))
    log('Called', { method, reference: about(call).reference, status: answer?.status, ms: now() - startedAt })
    if (!answer) await sleep(heldBackMs)
    const { status, body, headers: more } = answer ?? { status: 504, body: {} }
    return {
      statusCode: status,
      headers: { 'content-type': 'application/json', ...more },
      body: JSON.stringify(body),
    }
  }
}
