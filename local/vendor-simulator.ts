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
 * A vendor that speaks its protocol, and breaks it on demand. What becomes of a call is decided when it arrives; its
 * work is done, and its answer leaves, when its time has come, under the faults that it met on arrival.
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
  /** The bodies, as far as there were any. */
  sent?: unknown
  answered?: unknown
}

/** A running simulator. */
export type VendorSimulator = Awaited<ReturnType<typeof startVendorSimulator>>

/** Starts one vendor on 127.0.0.1, at `port` or at any free one. */
export async function startVendorSimulator(options: {
  name: string
  protocol: CreateProtocol
  port?: number
  /** What its work takes when it is well: from, to. */
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
  /** Aborted when the host goes down: what it was working on is lost with it. */
  let life = new AbortController()

  function recordOf(of: string): VendorRecord {
    const reference = orderOf(of)
    const record = ledger.get(reference) ?? newRecord(reference)
    ledger.set(reference, record)
    return record
  }

  /** Null where the answer is never sent. */
  async function answerTo(call: Call, signal: AbortSignal): Promise<Answer | null> {
    const met = faults
    const decision = isFromHere(call.headers)
      ? decide(call, met, deps)
      : { status: 403, body: { message: 'Only this machine may ask.' } }
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

  // Idle connections outlive any client's patience, so that none is cut that was not meant to be.
  const server = createServer({ keepAliveTimeout: 120_000 }, serve).listen(options.port ?? 0, host)
  await once(server, 'listening')
  const { port } = z.object({ port: z.number() }).parse(server.address())
  // While the vendor was down any process could take its port: wait until it is free again.
  server.on('error', () => setTimeout(comeUp, relistenMs))

  return {
    url: `http://${host}:${port}`,
    /** Emits `call` for each call that is over. */
    activity,
    usualMs,
    faults: () => structuredClone(faults),
    /** Merges `partial` into the faults. @throws {Error} naming what is unknown or wrong; nothing has changed then */
    setFaults(partial: unknown): Faults {
      const wasDown = faults.down
      faults = mergedFaults(faults, partial)
      if (faults.down && !wasDown) goDown()
      if (!faults.down && wasDown) comeUp()
      return structuredClone(faults)
    },
    ledger: (): LedgerEntry[] => [...ledger.values()].map((record) => entryOf(record, now())),
    /** Empties the ledger only: what it made the vendor still knows, so a repeat makes no second one. */
    clearLedger: () => ledger.clear(),
    async stop() {
      const closed = server.listening ? once(server, 'close') : undefined
      stopped = true
      goDown()
      await closed
    },
  }
}
