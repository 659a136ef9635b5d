import { type Asked, type Made, type VendorAnswer, VendorModel, type Work } from './vendor.ts'

/** The 200 response for an order with a status. */
const found = (sellerFulfillmentOrderId: string, fulfillmentOrderStatus: string): VendorAnswer => ({
  status: 200,
  body: { payload: { fulfillmentOrder: { sellerFulfillmentOrderId, fulfillmentOrderStatus } } },
})
/** Amazon's error codes for the codes of the vendor contract. */
const ownCodes: Readonly<Record<string, string>> = {
  DUPLICATE_REFERENCE: 'InvalidInput',
  NOT_FOUND: 'NotFound',
  RATE_LIMITED: 'QuotaExceeded',
}

/**
 * A warehouse with the API of Amazon Multi-Channel Fulfillment and its token endpoint. A reference can be used only
 * once: a repeat is refused like any invalid request.
 */
export class AmazonMcfModel extends VendorModel {
  readonly #taken = new Set<string>()
  #tokens = 0

  override asked(method: string, path: string, body: string, key: string | undefined): Asked {
    if (path === '/auth/o2/token') return { kind: 'token', reference: '', begin: () => this.#grant() }
    const [, , , , , target = '', action] = path.split('/')
    if (method === 'POST') {
      const { sellerFulfillmentOrderId: reference } = JSON.parse(body) as { sellerFulfillmentOrderId: string }
      return { kind: 'create', reference, begin: () => this.#order(reference, body, key) }
    }
    return action === 'cancel'
      ? { kind: 'cancel', reference: target, begin: () => ({ finish: () => this.#stop(target) }) }
      : { kind: 'lookUp', reference: target, begin: () => ({ finish: () => this.#view(target) }) }
  }

  override error(status: number, code: string, retryAfterSeconds?: number): VendorAnswer {
    const errors = [{ code: ownCodes[code] ?? code, message: 'Nobody lives at 1 Privacy Lane', details: '' }]
    return { status, body: { errors }, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
  }

  override wrongAnswer(reference: string, kind: Parameters<VendorModel['wrongAnswer']>[1]): VendorAnswer {
    const of = kind === 'foreign answer' ? `${'f'.repeat(32)}-zzzzz00` : kind
    return found(kind === 'control characters' ? `${reference}\u0007` : of, 'Received')
  }

  override cancel(reference: string): VendorAnswer | undefined {
    return super.cancel(reference) && this.#view(reference)
  }

  #grant(): Work {
    return {
      finish: () => {
        this.#tokens += 1
        return { status: 200, body: { access_token: `token-${this.#tokens}`, expires_in: 3600 } }
      },
    }
  }

  #order(reference: string, body: string, key: string | undefined): VendorAnswer | Work {
    if (this.#taken.has(reference)) return this.error(400, 'DUPLICATE_REFERENCE')
    const work = this.create(JSON.stringify({ ...JSON.parse(body), reference }), key)
    if (!('finish' in work)) return work
    this.#taken.add(reference)
    return {
      finish: () => {
        work.finish()
        // Amazon assigns no identifier of its own; the reference is the identifier.
        for (const made of this.#madeOf(reference)) made.id = reference
        return { status: 200, body: {} }
      },
    }
  }

  #stop(reference: string): VendorAnswer {
    const all = this.#madeOf(reference)
    if (all.length === 0) return this.error(404, 'NOT_FOUND')
    if (all.some((made) => this.hasLeft(made))) return this.error(400, 'InvalidInput')
    for (const made of all) made.undoneAt ??= this.now()
    return { status: 200, body: {} }
  }

  #view(reference: string): VendorAnswer {
    const [made] = this.#madeOf(reference)
    if (made === undefined) return this.error(404, 'NOT_FOUND')
    if ((made.cancelledAt ?? made.undoneAt) !== undefined) return found(reference, 'Cancelled')
    if (made.at + (this.traits.asyncMs ?? 0) > this.now()) return found(reference, 'New')
    return found(reference, this.hasLeft(made) ? 'PROCESSING' : 'RECEIVED')
  }

  #madeOf(reference: string): Made[] {
    return this.ledger.filter((made) => made.reference === reference)
  }
}
