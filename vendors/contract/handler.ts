import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import { createRateLimit, decide, isHeldBack, newRecord, orderOf } from '../conduct.ts'
import { type Faults, mergedFaults } from '../faults.ts'
import type { Answer, Call, VendorProtocol } from '../protocol.ts'
import { contract, recall } from './fake.ts'
import type { VendorStore, Work } from './store.ts'

/** Below it are its faults and its ledger, for those who have the vendor's credential. */
const controlPath = '/_simulator'
/** Longer than a vendor's time-out may be: by then the caller has left. */
const heldBackMs = 6000
/** With what holds an answer back, and calls of AWS, it is below the function's time-out. */
const longestWaitMs = 20_000
/** A credential that was changed is known after this long. */
const credentialMs = 10_000

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads */
const request = z.object({
  rawPath: z.string(),
  headers: z.record(z.string(), z.string()),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean(),
})

/** What a simulator is made of. */
export interface SimulatorDeps {
  step: 'logistics' | 'wms'
  store: VendorStore
  /** The vendor's credential, read no earlier than at a time in epoch ms. */
  credential: (since: number) => Promise<string>
  now: () => number
  sleep: (ms: number) => Promise<unknown>
  log: (message: string, fields: object) => void
}

/** The JSON of a body; null where it is none, and undefined where there is no body. */
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
 * A vendor of docs/vendor-contract.md as a function with a URL: what it made is in a table, where each call is one
 * transaction. It takes no credential but the vendor's. Faults differ from those of a local simulator in this: `down` is
 * a 503, since a URL on AWS is always there; rates are counted by each instance for itself; nothing is under way that
 * could be lost, so that a repeat at once waits for the first call, and never gets 409.
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

  /** What a call waits before it is worked on: another one than before, if it is to be done after the caller has left. */
  async function waitMs(call: Call, order: string, faults: Faults): Promise<number> {
    const { workAfterTimeoutMs: lateMs, latencyMs } = faults
    if (lateMs === null) return latencyMs
    const decision = await store.look(order, (work) => play(work).decide(call, faults))
    return 'kind' in decision && decision.kind === 'create' ? lateMs : latencyMs
  }

  /** The answer, or null where it is not to be sent. */
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
    // A function's URL ends with a slash, and a path begins with one.
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
