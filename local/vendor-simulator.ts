import { randomInt } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import {
  createRateLimit,
  decide,
  entryOf,
  isHeldBack,
  newRecord,
  orderOf,
  readBody,
} from '../vendors/conduct.ts'
import { type Faults, mergedFaults, noFaults } from '../vendors/faults.ts'
import type { Answer, Call, CreateProtocol, LedgerEntry, VendorRecord } from '../vendors/protocol.ts'
import { isFromHere } from './server.ts'

/**
 * A simulated vendor with faults on demand. A call's outcome is decided on arrival, under the faults of that moment; the
 * work is done and the response sent after the simulated latency.
 */

const host = '127.0.0.1'
const relistenMs = 50

/** A completed call. `status` is null if it got no response; `reference` is our order id, or null if it named none. */
export interface VendorCall {
  at: string
  vendor: string
  method: string
  reference: string | null
  status: number | null
  latencyMs: number
  /** The request and response bodies, if any. */
  sent?: unknown
  answered?: unknown
}

/** A running simulator. */
export type VendorSimulator = Awaited<ReturnType<typeof startVendorSimulator>>

/** Starts a vendor on 127.0.0.1, on `port` or any free port. */
export async function startVendorSimulator(options: {
  name: string
  protocol: CreateProtocol
  port?: number
  /** The range of its response time without faults, in ms. */
  usualMs?: [number, number] | undefined
}) {
  const { name, usualMs: [least, most] = [0, 0] } = options
  const usualMs = () => least + Math.random() * (most - least)
  const activity = new EventEmitter<{ call: [VendorCall] }>()
  const now = () => Date.now()
  const ledger = new Map<string, VendorRecord>()
  let serial = randomInt(1e11, 9e11)
  const protocol = options.protocol({ now, serial: () => serial++, recordOf })
  const deps = { protocol, recordOf, takesOneMore: createRateLimit(now) }
  let faults = noFaults
  let stopped = false
  /** Aborted when the vendor goes down: calls in progress are lost. */
  let life = new AbortController()

  function recordOf(of: string): VendorRecord {
    const reference = orderOf(of)
    const record = ledger.get(reference) ?? newRecord(reference)
    ledger.set(reference, record)
    return record
  }

  /** Resolves to null if no response is sent. */
  async function answerTo(call: Call, signal: AbortSignal): Promise<Answer | null> {
    const met = faults
    const decision = isFromHere(call.headers)
      ? decide(call, met, deps)
      : { status: 403, body: { message: 'Only local requests are allowed.' } }
    const { finish, kind } = 'finish' in decision ? decision : { finish: () => decision }
    const lateMs = kind === 'create' ? met.workAfterTimeoutMs : null
    const waitMs = lateMs ?? met.latencyMs + ('finish' in decision ? usualMs() : 0)
    if (waitMs > 0) await sleep(waitMs, undefined, { signal })
    const answer = finish()
    return isHeldBack(met, kind) ? null : answer
  }

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const { method = '', url = '', headers } = request
    const { signal } = life
    const startedAt = Date.now()
    const call: Call = { method, url, headers, body: undefined }
    let answered: object | undefined
    response.once('close', () => {
      const at = new Date(startedAt).toISOString()
      const status = response.writableFinished ? response.statusCode : null
      const latencyMs = Date.now() - startedAt
      const named = protocol.about(call).reference
      const reference = named === null ? null : orderOf(named)
      const { body: sent } = call
      activity.emit('call', { at, vendor: name, method, reference, status, latencyMs, sent, answered })
    })
    try {
      if (method === 'POST') call.body = await readBody(request)
      signal.throwIfAborted()
      const answer = await answerTo(call, signal)
      if (!answer) return
      answered = answer.body
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
    protocol.forgetUnfinished()
  }

  // Longer than clients keep idle connections, so that only the faults cut connections.
  const server = createServer({ keepAliveTimeout: 120_000 }, serve).listen(options.port ?? 0, host)
  await once(server, 'listening')
  const { port } = z.object({ port: z.number() }).parse(server.address())
  // Another process may have taken the port while the vendor was down: retry until it is free again.
  server.on('error', () => setTimeout(comeUp, relistenMs))

  return {
    url: `http://${host}:${port}`,
    /** Emits `call` for each completed call. */
    activity,
    usualMs,
    faults: () => structuredClone(faults),
    /** Merges `partial` into the faults. @throws {Error} naming unknown or invalid faults; then nothing is changed */
    setFaults(partial: unknown): Faults {
      const wasDown = faults.down
      faults = mergedFaults(faults, partial)
      if (faults.down && !wasDown) goDown()
      if (!faults.down && wasDown) comeUp()
      return structuredClone(faults)
    },
    ledger: (): LedgerEntry[] => [...ledger.values()].map((record) => entryOf(record, now())),
    /** Empties the ledger only. The vendor still knows what it made, so a repeated call makes no duplicate. */
    clearLedger: () => ledger.clear(),
    async stop() {
      const closed = server.listening ? once(server, 'close') : undefined
      stopped = true
      goDown()
      await closed
    },
  }
}
