import { randomInt } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { isFromHere } from './http.ts'
import { type LedgerEntry, orderOf, referenceOf, type VendorApi, vendorApis } from './vendor-apis.ts'
import { type Faults, mergedFaults, noFaults, problems } from './vendor-faults.ts'

/**
 * A vendor that keeps docs/vendor-contract.md, and breaks it on demand.
 *
 * It judges requests by the published OpenAPI documents and shares no schema with our clients: sharing one
 * would hide a mistake in both. What becomes of a call is decided when it arrives; its work is done, and its
 * answer leaves, when its time has come, under the faults that it met on arrival.
 */

const host = '127.0.0.1'
const relistenMs = 50

/** One call, told when it is over. `status` is null if it was never answered, `reference` (our order id) if it named none. */
export interface VendorCall {
  at: string
  vendor: string
  method: string
  reference: string | null
  status: number | null
  latencyMs: number
}

/** A running simulator. */
export interface VendorSimulator {
  url: string
  faults(): Faults
  /** Merges `partial` into the faults. @throws {Error} naming what is unknown or wrong; nothing has changed then */
  setFaults(partial: unknown): Faults
  ledger(): LedgerEntry[]
  /** Empties the ledger only: what it made the vendor still knows, so a repeat makes no second one. */
  clearLedger(): void
  /** Emits `call` for each call that is over. */
  activity: EventEmitter<{ call: [VendorCall] }>
  stop(): Promise<void>
}

type Shipment = { reference: string; id: string; readyAt: number; isVoid: boolean }
type Answer = { status: number; body: object; headers?: OutgoingHttpHeaders }
/** What is decided when its time has come: after the latency, or `waitMs` if given. Null is never sent. */
type Later = { finish: () => Answer | null; waitMs?: number | null }

function refusal(status: number, code: string, message: string, headers: OutgoingHttpHeaders = {}): Answer {
  return { status, body: { code, message }, headers }
}

/** Starts one vendor on 127.0.0.1, at `port` or at any free one. */
export async function startVendorSimulator(options: {
  name: string
  api: VendorApi
  port?: number
}): Promise<VendorSimulator> {
  const { name, api } = options
  const vendor = vendorApis[api]
  const activity: VendorSimulator['activity'] = new EventEmitter()
  const ledger = new Map<string, LedgerEntry>()
  const firstByReference = new Map<string, Shipment>()
  const worksByKey = new Map<string, { body: unknown; shipment: Shipment | null }>()
  let faults = noFaults
  let serial = randomInt(1e11, 9e11)
  /** A token bucket that holds a second's calls. */
  let [tokens, filledAt] = [Number.POSITIVE_INFINITY, 0]
  let stopped = false
  /** Aborted when the host goes down: what it was working on is lost with it. */
  let life = new AbortController()

  function ledgerEntry(of: string): LedgerEntry {
    const order = orderOf(of)
    const entry = ledger.get(order) ?? { reference: order, id: null, createCalls: 0, created: 0, voided: 0 }
    ledger.set(order, entry)
    return entry
  }

  function make(of: string, asyncMs: number | null): Shipment {
    const shipment = {
      reference: of,
      id: vendor.idOf(serial++),
      readyAt: Date.now() + (asyncMs ?? 0),
      isVoid: false,
    }
    if (!firstByReference.has(of)) firstByReference.set(of, shipment)
    const entry = ledgerEntry(of)
    entry.created += 1
    entry.id ??= shipment.id
    return shipment
  }

  function answerWith({ reference, id, readyAt, isVoid }: Shipment, status: 200 | 201): Answer {
    const pendingMs = readyAt - Date.now()
    if (isVoid) return { status, body: { reference, ...vendor.view(id), status: 'voided' } }
    if (pendingMs <= 0) return { status, body: { reference, ...vendor.view(id) } }
    const headers = { 'retry-after': `${Math.ceil(pendingMs / 1_000)}` }
    return { status: 202, body: { reference, status: 'accepted' }, headers }
  }

  function overload({ rateLimitPerSecond, errorRate }: Faults): Answer | null {
    if (rateLimitPerSecond !== null) {
      const now = Date.now()
      tokens = Math.min(rateLimitPerSecond, tokens + ((now - filledAt) / 1000) * rateLimitPerSecond)
      filledAt = now
      if (tokens < 1) return refusal(429, 'RATE_LIMITED', 'Too many calls.', { 'retry-after': '1' })
      tokens -= 1
    }
    return Math.random() < errorRate ? refusal(500, 'INTERNAL_ERROR', 'Something broke here.') : null
  }

  function lookUp(of: string): Answer {
    const shipment = firstByReference.get(of)
    return shipment ? answerWith(shipment, 200) : refusal(404, 'NOT_FOUND', `Nothing is here for ${of}.`)
  }

  function undo({ voids, shipped }: Faults, of: string): Answer {
    if (!voids) return refusal(405, 'METHOD_NOT_ALLOWED', 'What we have made cannot be undone.')
    const shipment = firstByReference.get(of)
    if (!shipment) return refusal(404, 'NOT_FOUND', `Nothing is here for ${of}.`)
    if (shipped && !shipment.isVoid) return refusal(409, 'TOO_LATE', `It has left: ${of}.`)
    if (!shipment.isVoid) ledgerEntry(of).voided += 1
    shipment.isVoid = true
    return { status: 200, body: { reference: of, status: 'voided' } }
  }

  function create(faults: Faults, of: string | null, body: unknown, key: string | undefined): Answer | Later {
    const valid = vendor.request.safeParse(body)
    if (!of || !valid.success)
      return refusal(400, 'INVALID_REQUEST', valid.error ? problems(valid.error) : '')
    if (faults.idempotency && !key) return refusal(400, 'INVALID_REQUEST', 'Idempotency-Key is missing.')

    const earlier = faults.idempotency && key ? worksByKey.get(key) : undefined
    if (earlier) {
      const { shipment } = earlier
      if (!isDeepStrictEqual(earlier.body, body))
        return refusal(422, 'KEY_REUSED', 'This Idempotency-Key came with another body.')
      if (!shipment) return refusal(409, 'IN_PROGRESS', 'The first call with this key is under way.')
      return { finish: () => (faults.timeoutAfterWork ? null : answerWith(shipment, 201)) }
    }

    const { line1, city, country } = vendor.destination.parse(body)
    if (faults.rejectCountries.includes(country))
      return refusal(422, 'ADDRESS_NOT_SERVED', `We do not deliver to ${line1}, ${city}, ${country}.`)
    const work: { body: unknown; shipment: Shipment | null } = { body, shipment: null }
    if (faults.idempotency && key) worksByKey.set(key, work)
    const finish = () => {
      work.shipment = make(of, faults.asyncMs)
      return faults.timeoutAfterWork || faults.workAfterTimeoutMs !== null
        ? null
        : answerWith(work.shipment, 201)
    }
    return { finish, waitMs: faults.workAfterTimeoutMs }
  }

  function decide(faults: Faults, request: IncomingMessage, body: unknown): Answer | Later {
    const { method, url = '', headers } = request
    if (!isFromHere(headers)) return refusal(403, 'FORBIDDEN', 'Only this machine may ask.')
    if (faults.unauthorized || !/^bearer +\S/i.test(headers.authorization ?? ''))
      return refusal(401, 'UNAUTHORIZED', 'The credential is wrong.', { 'www-authenticate': 'Bearer' })
    const named = referenceOf(url, body)
    if (method === 'POST' && url === vendor.collection) {
      if (named) ledgerEntry(named).createCalls += 1
      return overload(faults) ?? create(faults, named, body, headers['idempotency-key']?.toString())
    }
    if (named && url === `${vendor.collection}/${named}`) {
      if (method === 'GET') return overload(faults) ?? { finish: () => lookUp(named) }
      if (method === 'DELETE') return overload(faults) ?? { finish: () => undo(faults, named) }
    }
    return refusal(404, 'NO_SUCH_ROUTE', `${method} ${url} is not part of this API.`)
  }

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const { method = '', url = '' } = request
    const { signal } = life
    const startedAt = Date.now()
    let body: unknown
    response.once('close', () => {
      const at = new Date(startedAt).toISOString()
      const status = response.writableFinished ? response.statusCode : null
      const latencyMs = Date.now() - startedAt
      const named = referenceOf(url, body)
      activity.emit('call', {
        at,
        vendor: name,
        method,
        reference: named === null ? null : orderOf(named),
        status,
        latencyMs,
      })
    })
    try {
      if (method === 'POST') body = await json(request).catch(() => null)
      signal.throwIfAborted()
      const met = faults
      const decision = decide(met, request, body)
      const waitMs = ('finish' in decision ? decision.waitMs : null) ?? met.latencyMs
      if (waitMs > 0) await sleep(waitMs, undefined, { signal })
      const answer = 'finish' in decision ? decision.finish() : decision
      if (!answer) return
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
      response.end(JSON.stringify(answer.body))
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  function comeUp() {
    if (!faults.down && !stopped && !server.listening) server.listen(port, host)
  }

  function goDown() {
    server.close()
    server.closeAllConnections()
    life.abort()
    life = new AbortController()
    for (const [key, { shipment }] of worksByKey) if (!shipment) worksByKey.delete(key)
  }

  // Idle connections outlive any client's patience, so that none is cut that was not meant to be.
  const server = createServer({ keepAliveTimeout: 120_000 }, serve).listen(options.port ?? 0, host)
  await once(server, 'listening')
  const { port } = z.object({ port: z.number() }).parse(server.address())
  // While the vendor was down any process could take its port: wait until it is free again.
  server.on('error', () => setTimeout(comeUp, relistenMs))

  return {
    url: `http://${host}:${port}`,
    activity,
    faults: () => structuredClone(faults),
    setFaults(partial) {
      const wasDown = faults.down
      faults = mergedFaults(faults, partial)
      if (faults.down && !wasDown) goDown()
      if (!faults.down && wasDown) comeUp()
      return structuredClone(faults)
    },
    ledger: () => structuredClone([...ledger.values()]),
    clearLedger: () => ledger.clear(),
    async stop() {
      const closed = server.listening ? once(server, 'close') : undefined
      stopped = true
      goDown()
      await closed
    },
  }
}
