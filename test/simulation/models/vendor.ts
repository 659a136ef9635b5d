import { firstStep, type StepName } from '../../../lambdas/domain/chain.ts'
import type { OwnSteps } from '../../../lambdas/domain/own-steps.ts'
import type { VendorFacts } from '../../../lambdas/domain/vendor-answer.ts'
import { stepOf, type VendorName } from '../kernel/options.ts'
import { poisonAnswer } from './poison.ts'
import { TokenBucket } from './token-bucket.ts'

/** Deviations of real carriers from docs/vendor-contract.md. */
export type Quirk =
  /** A second create for a reference gets a 422 DUPLICATE_REFERENCE. */
  | 'refuses duplicates'
  /** Refusals and failures of a create are 200s with `{"success": false, "error": {"code": …}}`. */
  | 'errors in a 200'
  /** Too many calls get a 400 OVERLOADED instead of a 429. */
  | 'overload as 400'
  | 'no tracking URL'
  /** Identifiers come with white space around them. */
  | 'padded identifiers'

/** A vendor's capabilities (docs/vendor-contract.md) and its deviations from the contract. */
export interface VendorTraits {
  /** Its API; by default the contract's. */
  adapter?: 'easypost' | 'amazon-mcf' | 'own'
  honoursIdempotencyKey: boolean
  canBeLookedUp: boolean
  /** Whether it can be asked to undo its work; by default it can. */
  canBeCancelled?: boolean
  /** How long after it was made a thing has shipped and cannot be undone; by default never. */
  leavesAfterMs?: number
  /** How long an asynchronous vendor takes from "accepted" to "ready". */
  asyncMs?: number | undefined
  /** How long it remembers an idempotency key; by default for ever. */
  keysKeptMs?: number
  /** How long after the create's arrival the new thing is missing from look-ups. */
  showsAfterMs?: number
  /** Its rate limit in calls per second; by default none. */
  takesPerSecond?: number
  /** How long from the start its rate limit is a tenth of that. */
  slowForMs?: number
  /** The Retry-After of its 429s, in seconds; by default none. */
  retryAfterSeconds?: number
  quirks?: readonly Quirk[]
}

/** The configured meaning of each vendor's error codes, in the terms of lambdas/. */
export const vendorCodes = {
  ADDRESS_NOT_SERVED: 'refused',
  DUPLICATE_REFERENCE: 'exists',
  OVERLOADED: 'slow-down',
} as const

/** A thing that the vendor really made: a label or a shipment. */
export interface Made {
  orderId: string
  reference: string
  id: string
  key: string
  body: string
  at: number
  /** When the create call arrived that made it. */
  askedAt: number
  /** When the vendor's staff cancelled it; nothing will be shipped with it. */
  cancelledAt?: number
  /** When it was undone at our request. */
  undoneAt?: number
}

export interface VendorAnswer {
  status: number
  body: unknown
  retryAfterSeconds?: number
  /** Whether its body never ends. */
  isEndless?: boolean
}

/** A create in progress: `finish` does the work. */
export interface Work {
  finish: () => VendorAnswer
}

/** A parsed call: its kind, its reference, and what starts on its arrival. */
export interface Asked {
  /** A `token` request is about no order. */
  kind: 'create' | 'lookUp' | 'cancel' | 'token'
  reference: string
  begin: () => VendorAnswer | Work
}

/** Work that the vendor has begun. */
interface Started {
  reference: string
  key: string
  body: string
  at: number
  made?: Made
}

/** The order's attribute for each step's product, and whether the product has a tracking URL. */
const products: Record<Exclude<StepName, keyof OwnSteps>, { kept: keyof VendorFacts; isTracked: boolean }> = {
  logistics: { kept: 'awb', isTracked: true },
  wms: { kept: 'wmsReference', isTracked: false },
}

const isBuiltIn = (step: StepName): step is keyof typeof products => Object.hasOwn(products, step)

/** The product of a step. That of an application's own step is kept in the order's `facts`. */
export const productOf = (step: StepName): { kept: keyof VendorFacts; isTracked: boolean } =>
  isBuiltIn(step) ? products[step] : { kept: 'facts', isTracked: false }

/** An address that no carrier serves. */
export const unservedLine = 'Nowhere 1'

/** The product of another order, with which a faulty vendor answers. */
const foreign = { reference: `${'f'.repeat(32)}-zzzzz00`, id: 'of-another-order' }

/** The order id of a reference, which is the id itself or its 32 hex digits, a nonce and a round. */
export const orderIdOf = (reference: string): string =>
  reference.startsWith('ord_') ? reference : `ord_${reference.slice(0, 32)}`

/**
 * A vendor that follows docs/vendor-contract.md except for its quirks, with a ledger of what it really made. Without a
 * capability it behaves in the worst way: without idempotency keys each create makes a duplicate.
 */
export class VendorModel {
  readonly name: VendorName
  readonly traits: VendorTraits
  readonly ledger: Made[] = []
  /** Calls in which we violated the contract. */
  readonly invalidCalls: string[] = []
  readonly now: () => number
  readonly bucket: TokenBucket | undefined
  /** The most bytes that were read of one of its endless responses. */
  longestRead = 0
  readonly #works: Started[] = []

  constructor(name: VendorName, traits: VendorTraits, now: () => number) {
    this.name = name
    this.traits = traits
    this.now = now
    const { takesPerSecond, slowForMs = 0, retryAfterSeconds = 0 } = traits
    this.bucket =
      takesPerSecond === undefined
        ? undefined
        : new TokenBucket(takesPerSecond, now(), now() + slowForMs, retryAfterSeconds * 1000)
  }

  asked(method: string, path: string, body: string, key: string | undefined): Asked {
    if (method === 'POST') {
      const { reference } = JSON.parse(body) as { reference: string }
      return { kind: 'create', reference, begin: () => this.create(body, key) }
    }
    const reference = path.split('/').at(-1) ?? ''
    return method === 'DELETE'
      ? { kind: 'cancel', reference, begin: () => ({ finish: () => this.undo(reference) }) }
      : { kind: 'lookUp', reference, begin: () => this.lookUp(reference) }
  }

  /** Handles a create call. @returns an immediate response, or the work that it begins */
  create(body: string, key: string | undefined): VendorAnswer | Work {
    const { reference } = JSON.parse(body) as { reference: string }
    if (!key) {
      this.invalidCalls.push(`a create for ${reference} has no Idempotency-Key`)
      return this.error(400, 'INVALID_REQUEST')
    }
    const earlier = this.#works.find((work) => work.key === key && this.#isRemembered(work.at))
    if (earlier && this.traits.honoursIdempotencyKey) {
      if (earlier.body !== body) {
        this.invalidCalls.push(`the key ${key} came with another body`)
        return this.error(422, 'KEY_REUSED')
      }
      const { made } = earlier
      return made ? { finish: () => this.#answer(made, 201) } : this.error(409, 'IN_PROGRESS')
    }
    if (this.#is('refuses duplicates') && this.#works.some((work) => work.reference === reference))
      return this.error(422, 'DUPLICATE_REFERENCE')
    const isCarrier = stepOf(this.name) === firstStep
    const poisoned = isCarrier && poisonAnswer(body)
    if (poisoned) return poisoned
    if (isCarrier && body.includes(unservedLine)) return this.error(422, 'ADDRESS_NOT_SERVED')
    const work: Started = { reference, key, body, at: this.now() }
    this.#works.push(work)
    return {
      finish: () => {
        work.made = this.#make(work)
        return this.#answer(work.made, 201)
      },
    }
  }

  lookUp(reference: string): VendorAnswer {
    if (!this.traits.canBeLookedUp)
      this.invalidCalls.push(`a look-up for ${reference}, which it does not offer`)
    const shownFrom = this.now() - (this.traits.showsAfterMs ?? 0)
    const first = this.ledger.find((made) => made.reference === reference && made.askedAt <= shownFrom)
    return first ? this.#answer(first, 200) : { status: 404, body: { code: 'NOT_FOUND' } }
  }

  /** Undoes everything that it made under a reference, including duplicates. */
  undo(reference: string): VendorAnswer {
    if (this.traits.canBeCancelled === false) {
      this.invalidCalls.push(`a cancellation for ${reference}, which it does not offer`)
      return this.error(405, 'METHOD_NOT_ALLOWED')
    }
    const shownFrom = this.now() - (this.traits.showsAfterMs ?? 0)
    const made = this.ledger.filter((each) => each.reference === reference && each.askedAt <= shownFrom)
    if (made.length === 0) return { status: 404, body: { code: 'NOT_FOUND' } }
    if (made.some((each) => this.hasLeft(each))) return { status: 409, body: { code: 'TOO_LATE' } }
    for (const each of made) each.undoneAt ??= this.now()
    return { status: 200, body: { reference, status: 'voided' } }
  }

  /** Whether a thing has shipped and cannot be undone. */
  hasLeft({ at, undoneAt }: Made): boolean {
    return (
      undoneAt === undefined && at + (this.traits.leavesAfterMs ?? Number.POSITIVE_INFINITY) <= this.now()
    )
  }

  /** What it has made for an order since a time (epoch ms) and is neither undone nor cancelled. */
  goodOf(orderId: string, since: number): Made[] {
    return this.ledger.filter(
      (made) =>
        made.orderId === orderId && made.at >= since && (made.cancelledAt ?? made.undoneAt) === undefined,
    )
  }

  /** Makes its staff cancel the last thing under a reference. @returns its response about that thing from now on */
  cancel(reference: string): VendorAnswer | undefined {
    const last = this.ledger.findLast((made) => made.reference === reference)
    if (last === undefined) return undefined
    last.cancelledAt ??= this.now()
    return this.#answer(last, 200)
  }

  /** Whether it has made anything for an order since a time (epoch ms), or may still be making it. */
  mayHaveMade(orderId: string, since: number): boolean {
    return this.#works.some(
      ({ reference, at, made }) =>
        orderIdOf(reference) === orderId &&
        at >= since &&
        (made?.cancelledAt ?? made?.undoneAt) === undefined,
    )
  }

  /** A wrong response: about another order, or without a usable identifier. */
  wrongAnswer(reference: string, kind: 'foreign answer' | 'blank identifier' | 'control characters') {
    const id = {
      'foreign answer': foreign.id,
      'blank identifier': '   ',
      'control characters': 'AWB\u0007\u00001',
    }
    return this.#thing(kind === 'foreign answer' ? foreign.reference : reference, id[kind])
  }

  /** Its error response. */
  error(status: number, code: string, retryAfterSeconds?: number): VendorAnswer {
    const message = 'Nobody lives at 1 Privacy Lane'
    const isQuirky = this.#is('errors in a 200')
    return {
      status: isQuirky ? 200 : status,
      body: isQuirky ? { success: false, error: { code, message } } : { code, message },
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    }
  }

  /** Its response if the call exceeds the rate limit; undefined if it does not. */
  tooMany(): VendorAnswer | undefined {
    if (this.bucket === undefined || this.bucket.take(this.now())) return undefined
    return this.error(429, 'RATE_LIMITED', this.traits.retryAfterSeconds)
  }

  /** Its response to too many calls. */
  overloaded(): VendorAnswer {
    return this.#is('overload as 400') ? this.error(400, 'OVERLOADED') : this.error(429, 'RATE_LIMITED', 2)
  }

  #is(quirk: Quirk): boolean {
    return this.traits.quirks?.includes(quirk) ?? false
  }

  #isRemembered(at: number): boolean {
    return this.now() - at < (this.traits.keysKeptMs ?? Number.POSITIVE_INFINITY)
  }

  #make({ reference, key, body, at: askedAt }: Started): Made {
    const id = `${this.name}-${this.ledger.length + 1}`
    const made = { orderId: orderIdOf(reference), reference, id, key, body, at: this.now(), askedAt }
    this.ledger.push(made)
    return made
  }

  #answer({ reference, id, at, cancelledAt, undoneAt }: Made, status: 200 | 201): VendorAnswer {
    const pendingMs = at + (this.traits.asyncMs ?? 0) - this.now()
    if (pendingMs > 0)
      return {
        status: 202,
        body: { reference, status: 'accepted' },
        retryAfterSeconds: Math.ceil(pendingMs / 1000),
      }
    return this.#thing(reference, id, { status, isCancelled: (cancelledAt ?? undoneAt) !== undefined })
  }

  #thing(reference: string, id: string, { status = 201, isCancelled = false } = {}): VendorAnswer {
    const identifier = this.#is('padded identifiers') ? ` ${id}\n` : id
    const { kept, isTracked } = productOf(stepOf(this.name))
    const hasUrl = isTracked && !this.#is('no tracking URL')
    return {
      status,
      body: {
        reference,
        [kept]: identifier,
        ...(hasUrl && { trackingUrl: `https://carrier.example/${id.trim()}` }),
        ...(isCancelled && { status: 'cancelled' }),
      },
    }
  }
}
