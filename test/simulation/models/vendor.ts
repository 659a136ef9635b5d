import { chain, type StepName } from '../../../lambdas/domain/chain.ts'
import type { Order } from '../../../lambdas/domain/order.ts'

/** What a vendor promises: docs/vendor-contract.md. */
export interface VendorTraits {
  honoursIdempotencyKey: boolean
  canBeLookedUp: boolean
  /** How long an asynchronous vendor takes from "accepted" to "ready". */
  asyncMs?: number
}

/** One thing that the vendor really made. */
export interface Made {
  reference: string
  id: string
  key: string
  body: string
  at: number
}

export interface VendorAnswer {
  status: number
  body: unknown
  retryAfterSeconds?: number
}

/** A create that is under way: `finish` does the work. */
interface Work {
  finish: () => VendorAnswer
}

const refusal = (status: number, code: string): VendorAnswer => ({
  status,
  body: { code, message: 'Nobody lives at 1 Privacy Lane' },
})

/** What a vendor answers of what it made, and where its order keeps the id of that. */
export const products: Record<StepName, { answer: (id: string) => object; kept: keyof Order }> = {
  logistics: { answer: (awb) => ({ awb, trackingUrl: `https://carrier.example/${awb}` }), kept: 'awb' },
  wms: { answer: (wmsReference) => ({ wmsReference }), kept: 'wmsReference' },
}

/** An address that no carrier serves. */
export const unservedLine = 'Nowhere 1'

/**
 * A vendor that keeps docs/vendor-contract.md to the letter, with a ledger of what it really made. What its
 * traits do not promise it does the worst way: without keys each create makes another one.
 */
export class VendorModel {
  readonly name: StepName
  readonly traits: VendorTraits
  readonly ledger: Made[] = []
  /** Promises of ours that a call broke. */
  readonly invalidCalls: string[] = []
  readonly #now: () => number
  #works = new Map<string, { body: string; made?: Made }>()

  constructor(name: StepName, traits: VendorTraits, now: () => number) {
    this.name = name
    this.traits = traits
    this.#now = now
  }

  /** A create arrives: what it is refused at once with, or the work that it begins. */
  create(body: string, key: string | undefined): VendorAnswer | Work {
    const { reference } = JSON.parse(body) as { reference: string }
    if (!key) {
      this.invalidCalls.push(`a create for ${reference} has no Idempotency-Key`)
      return refusal(400, 'INVALID_REQUEST')
    }
    const earlier = this.traits.honoursIdempotencyKey ? this.#works.get(key) : undefined
    if (earlier) {
      if (earlier.body !== body) {
        this.invalidCalls.push(`the key ${key} came with another body`)
        return refusal(422, 'KEY_REUSED')
      }
      const { made } = earlier
      return made ? { finish: () => this.#answer(made, 201) } : refusal(409, 'IN_PROGRESS')
    }
    if (this.name === chain[0].step && body.includes(unservedLine)) return refusal(422, 'ADDRESS_NOT_SERVED')
    const work: { body: string; made?: Made } = { body }
    this.#works.set(key, work)
    return {
      finish: () => {
        work.made = this.#make(reference, key, body)
        return this.#answer(work.made, 201)
      },
    }
  }

  lookUp(reference: string): VendorAnswer {
    if (!this.traits.canBeLookedUp)
      this.invalidCalls.push(`a look-up for ${reference}, which it does not offer`)
    const first = this.ledger.find((made) => made.reference === reference)
    return first ? this.#answer(first, 200) : refusal(404, 'NOT_FOUND')
  }

  /** A call ended without work: the key is free again, since failures are not stored. */
  abandon(key: string): void {
    if (!this.#works.get(key)?.made) this.#works.delete(key)
  }

  #make(reference: string, key: string, body: string): Made {
    const made = { reference, key, body, at: this.#now(), id: `${this.name}-${this.ledger.length + 1}` }
    this.ledger.push(made)
    return made
  }

  #answer({ reference, id, at }: Made, status: 200 | 201): VendorAnswer {
    const pendingMs = at + (this.traits.asyncMs ?? 0) - this.#now()
    if (pendingMs > 0)
      return {
        status: 202,
        body: { reference, status: 'accepted' },
        retryAfterSeconds: Math.ceil(pendingMs / 1000),
      }
    return { status, body: { reference, ...products[this.name].answer(id) } }
  }
}
