import { newRecord } from '../../../vendors/conduct.ts'
import { noFaults } from '../../../vendors/faults.ts'
import type { Answer, Call, CreateProtocol, VendorRecord } from '../../../vendors/protocol.ts'
import { type Asked, orderIdOf, type VendorAnswer, VendorModel } from './vendor.ts'

/** Faults for which a fake defines no response in its own protocol. */
export const unspoken: ReadonlySet<string> = new Set([
  'refused',
  'foreign answer',
  'blank identifier',
  'control characters',
  'cancelled by the vendor',
])

const answered = ({ status, body, headers }: Answer): VendorAnswer => {
  const retryAfterSeconds = Number(headers?.['retry-after'])
  return { status, body, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) }
}

/** A vendor model that runs one of the fakes of `npm start`; the fake's records become the ledger. */
export const playedBy = (create: CreateProtocol): typeof VendorModel =>
  class extends VendorModel {
    readonly #records = new Map<string, VendorRecord>()
    /** The first request for each reference, which has the order's address. */
    readonly #told = new Map<string, string>()
    #serial = 100_000_000_000
    readonly #protocol = create({
      now: () => this.now(),
      serial: () => this.#serial++,
      recordOf: (reference) => this.#recordOf(reference),
    })

    override asked(method: string, path: string, text: string, key: string | undefined): Asked {
      const headers = { authorization: 'Bearer key', ...(key && { 'idempotency-key': key }) }
      const call: Call = { method, url: path, headers, body: text ? JSON.parse(text) : undefined }
      const { reference, isCreate } = this.#protocol.about(call)
      const of = reference ?? ''
      if (text && !this.#told.has(of)) this.#told.set(of, text)
      const isUndone = method === 'DELETE' || (!isCreate && this.#recordOf(of).created > 0)
      const begin = () => {
        const decided = this.#protocol.decide(call, {
          ...noFaults,
          asyncMs: this.traits.asyncMs ?? null,
          idempotency: this.traits.honoursIdempotencyKey,
          voids: this.traits.canBeCancelled ?? true,
        })
        if (!('finish' in decided)) return answered(decided)
        const finish = () => {
          const answer = answered(decided.finish())
          this.#note(of, this.#told.get(of) ?? text, key ?? '')
          return answer
        }
        return { finish }
      }
      return { kind: method === 'GET' ? 'lookUp' : isUndone ? 'cancel' : 'create', reference: of, begin }
    }

    override error(status: number, code: string, retryAfterSeconds?: number): VendorAnswer {
      const { unauthorized, overloaded, broken } = this.#protocol.refusals
      const known = { 401: unauthorized, 429: overloaded, 500: broken }[status]
      const body = known?.body ?? { code, message: 'Nobody lives at 1 Privacy Lane' }
      return { status, body, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
    }

    override overloaded(): VendorAnswer {
      return this.error(429, 'RATE_LIMITED', 2)
    }

    override mayHaveMade(orderId: string, since: number): boolean {
      return this.goodOf(orderId, since).length > 0
    }

    #recordOf(reference: string): VendorRecord {
      const record = this.#records.get(reference) ?? newRecord(reference)
      this.#records.set(reference, record)
      return record
    }

    /** Copies the fake's record of a reference into the ledger. */
    #note(reference: string, body: string, key: string): void {
      const { id, created, undoneAt } = this.#recordOf(reference)
      const known = this.ledger.filter((made) => made.reference === reference)
      for (let number = known.length; number < created; number++) {
        const at = this.now()
        const name = number === 0 ? `${id}` : `${id}, number ${number + 1}`
        this.ledger.push({ orderId: orderIdOf(reference), reference, id: name, key, body, at, askedAt: at })
      }
      for (const [index, at] of undoneAt.entries()) {
        const made = this.ledger.filter((each) => each.reference === reference)[index]
        if (made) made.undoneAt ??= at
      }
    }
  }
