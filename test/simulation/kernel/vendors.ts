import { orderIdOf, type VendorAnswer, type VendorModel } from '../models/vendor.ts'
import { deadlineOf, running } from './clock.ts'
import type { Fault } from './fault-points.ts'
import type { Invocation } from './invocation.ts'
import type { Outage } from './options.ts'

/** How a call ends for the vendor's client. Times are in ms from now; the work is done at `workMs`, if at all. */
interface Fate {
  workMs?: number
  answerMs: number
  answer?: VendorAnswer
  /** The socket's error code, if there is no response. */
  error?: 'ECONNREFUSED' | 'ECONNRESET' | 'CERT_HAS_EXPIRED'
  dies?: 'before' | 'during' | 'after'
  /** The vendor's staff have cancelled what it made. */
  isCancelled?: boolean
}

const never = Number.POSITIVE_INFINITY
const page = (status: number): VendorAnswer => ({
  status,
  body: '<!doctype html><html><body><h1>As you see</h1></body></html>',
})

/** The fate of a call with a fault. Without one, the request and the response each take `ms`. */
function fateOf(
  fault: Fault | undefined,
  { vendor, reference, ms, lateMs }: { vendor: VendorModel; reference: string; ms: number; lateMs: number },
): Fate {
  const answered = (answer: VendorAnswer): Fate => ({ answerMs: 2 * ms, answer })
  const said = (status: number, retryAfterSeconds?: number) =>
    answered(vendor.error(status, `HTTP_${status}`, retryAfterSeconds))
  const wrong = (kind: Parameters<VendorModel['wrongAnswer']>[1]) => () => ({
    workMs: ms,
    ...answered(vendor.wrongAnswer(reference, kind)),
  })
  const fates: Partial<Record<Fault, () => Fate>> = {
    'die before': () => ({ answerMs: 0, dies: 'before' }),
    'die after': () => ({ workMs: ms, answerMs: 2 * ms, dies: 'after' }),
    'die during work': () => ({ workMs: lateMs, answerMs: never, dies: 'during' }),
    'connection refused': () => ({ answerMs: ms, error: 'ECONNREFUSED' }),
    'TLS failure': () => ({ answerMs: ms, error: 'CERT_HAS_EXPIRED' }),
    'connection lost before work': () => ({ answerMs: ms, error: 'ECONNRESET' }),
    'connection lost after work': () => ({ workMs: ms, answerMs: 2 * ms, error: 'ECONNRESET' }),
    'time-out without work': () => ({ answerMs: never }),
    'time-out after work': () => ({ workMs: ms, answerMs: never }),
    'work after time-out': () => ({ workMs: lateMs, answerMs: never }),
    '500 before work': () => said(500),
    '502 page after work': () => ({ workMs: ms, ...answered(page(502)) }),
    '200 page after work': () => ({ workMs: ms, ...answered(page(200)) }),
    '401': () => said(401),
    '404': () => said(404),
    '409': () => said(409),
    refused: () => answered(vendor.error(422, 'INVALID_ORDER')),
    'too many calls': () => answered(vendor.overloaded()),
    '503 before work': () => said(503, 3),
    '503 after work': () => ({ workMs: ms, ...said(503, 3) }),
    'foreign answer': wrong('foreign answer'),
    'blank identifier': wrong('blank identifier'),
    'control characters': wrong('control characters'),
    'cancelled by the vendor': () => ({ workMs: ms, answerMs: 2 * ms, isCancelled: true }),
  }
  return (fault && fates[fault]?.()) ?? { workMs: ms, answerMs: 2 * ms }
}

/** The fault that an outage causes for every call during it. */
const outageFaults = {
  refuses: 'connection refused',
  'has a bad certificate': 'TLS failure',
  fails: '500 before work',
  hangs: 'time-out without work',
  'works and hangs': 'time-out after work',
  'asks for a pause': 'too many calls',
  'refuses our credential': '401',
  'refuses every order': '404',
  'has no credential': undefined,
} as const satisfies Record<Outage['kind'], Fault | undefined>

/** Errors after which no request was sent. */
const neverConnected = ['ECONNREFUSED', 'CERT_HAS_EXPIRED']

const fetchFailed = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })

const chunk = Buffer.alloc(64 * 1024, ' ')
/** The size of an endless body, in bytes: more than a client should ever read. */
const endless = 16 * 1024 * 1024

async function* withoutEnd(vendor: VendorModel) {
  for (let read = 0; read < endless; read += chunk.byteLength) {
    vendor.longestRead = Math.max(vendor.longestRead, read)
    yield chunk
  }
}

const toResponse = ({ status, body, retryAfterSeconds, isEndless }: VendorAnswer, vendor: VendorModel) =>
  ({
    status,
    headers: new Headers(retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` }),
    body: isEndless
      ? withoutEnd(vendor)
      : [Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))],
  }) as unknown as Response

/** Replaces `fetch`: `http://logistics/awbs` goes to the vendor model named `logistics`. */
export const fetchFromVendor = (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
  const invocation = running.getStore()
  if (!invocation) throw new Error('A call of a vendor outside the simulation')
  const url = new URL(String(input))
  return new Promise((resolve, reject) => {
    if (invocation.alive) call(invocation, url, init, resolve, reject)
  })
}

function call(
  invocation: Invocation,
  url: URL,
  init: RequestInit,
  resolve: (response: Response) => void,
  reject: (error: unknown) => void,
): void {
  const { world } = invocation
  const { timeline, chance } = world
  const vendor = world.vendor(url.hostname)
  const key = new Headers(init.headers).get('idempotency-key') ?? undefined
  const {
    kind,
    reference,
    begin: beginWork,
  } = vendor.asked(init.method ?? 'GET', `${url.pathname}${url.search}`, String(init.body ?? ''), key)
  const isCreate = kind === 'create'
  const orderId = orderIdOf(reference)
  const verb = { create: 'create at', cancel: 'cancel at', lookUp: 'look up at', token: 'token of' }[kind]
  const text = kind === 'token' ? `${verb} ${vendor.name}` : `${verb} ${vendor.name} ${orderId}`
  const injected = world.inject(`${invocation.functionName}: ${text}`, kind)
  const { address } = injected
  const outage = world.outageOf(vendor.name)
  const fault =
    injected.fault ??
    (outage && (isCreate || outage !== 'works and hangs') ? outageFaults[outage] : undefined)
  const ms = world.latencyMs(address)
  const lateMs = chance.between(`${address} lateness`, 3100, 50_000)
  const fate = fateOf(fault, { vendor, reference, ms, lateMs })
  const stallMs = fault === 'stall' ? chance.between(`${address} stall`, 1000, 25_000) : 0
  const arrives = fate.dies !== 'before' && !neverConnected.some((error) => error === fate.error)
  if (kind !== 'token') world.onVendorCall({ invocation, vendor: vendor.name, orderId, arrives })

  const timeOutAt = deadlineOf(init.signal)
  if (fate.dies === 'before') {
    invocation.die()
    return
  }
  let answer = fate.answer
  const doesWork = fate.workMs !== undefined
  if (doesWork) begin(vendor, fate.workMs ?? 0)
  if (fate.dies === 'during') {
    invocation.die()
    return
  }

  function begin(model: VendorModel, workMs: number): void {
    const begun = model.tooMany() ?? beginWork()
    if (!('finish' in begun)) answer ??= begun
    timeline.after(workMs, () => {
      if ('finish' in begun) {
        const done = begun.finish()
        answer ??= done
      }
      if (fate.isCancelled) answer = model.cancel(reference) ?? answer
      world.log(invocation.id, text, fault ?? '', answer?.status ?? '')
      if (fate.dies === 'after') invocation.die()
    })
  }

  const seenAt = timeline.now + fate.answerMs + stallMs
  timeline.at(Math.min(seenAt, timeOutAt), () => {
    if (!invocation.alive) return
    if (!doesWork || fault) world.log(invocation.id, text, fault ?? 'no answer')
    if (seenAt > timeOutAt)
      reject(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    else if (fate.error) reject(fetchFailed(fate.error))
    else resolve(toResponse(answer ?? page(500), vendor))
    return true
  })
}
