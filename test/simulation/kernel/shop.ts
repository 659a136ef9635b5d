import type { Json } from '../models/aws-error.ts'
import { unservedLine } from '../models/vendor.ts'
import type { Ended } from './invocation.ts'
import type { World } from './world.ts'

/** An order that a shop wants, and how often it goes wrong about it. */
export interface Wish {
  owner: string
  key: string
  /** In ms from the start. */
  atMs: number
  request: Json
  /** When the shop calls it off, or corrects its address. In ms from the start. */
  cancelAtMs?: number | undefined
  correctAtMs?: number | undefined
}

/** What a shop was answered. `status` is undefined where no answer came. */
export interface Answered {
  wish: Wish
  call: 'place' | 'cancel' | 'correct'
  status: number | undefined
  body: Json
  requestId: string
  /** What was asked for, and when it was answered, in epoch ms. */
  request: Json
  at: number
}

const tries = 6
const waitMs = 2000
const patienceMs = 12_000

/** An address that every carrier serves. */
const correctedAddress = { name: 'Corrected', line1: 'Somewhere 2', city: 'Reims', country: 'FR' }

/** The shops: they place orders, and place them again with the same key until they are answered. */
export class Shops {
  readonly answers: Answered[] = []
  readonly #world: World
  readonly #wishes: readonly Wish[]
  #requests = 0

  constructor(world: World, wishes: readonly Wish[]) {
    this.#world = world
    this.#wishes = wishes
    const { timeline } = world
    for (const wish of wishes) {
      timeline.after(wish.atMs, () => this.#place(wish))
      if (wish.cancelAtMs !== undefined) timeline.after(wish.cancelAtMs, () => this.#cancel(wish))
      if (wish.correctAtMs !== undefined) timeline.after(wish.correctAtMs, () => this.#correct(wish))
    }
  }

  /** The shop's first order is called off right now … */
  cancelNow(): void {
    for (const wish of this.#wishes.slice(0, 1)) this.#cancel(wish)
  }

  /** … or its address corrected. */
  correctNow(): void {
    for (const wish of this.#wishes.slice(0, 1)) this.#correct(wish)
  }

  /** The order as its shop knows it, if it was answered. */
  orderIdOf(wish: Wish): string | undefined {
    const placed = this.answers.find((answer) => answer.wish === wish && answer.status === 201)
    return placed && String(placed.body.orderId)
  }

  /** The shop of an order that cannot be delivered hears of it, and corrects the address. */
  correctAddressOf(orderId: string): void {
    const wish = this.#wishes.find((candidate) => this.orderIdOf(candidate) === orderId)
    if (wish && JSON.stringify(wish.request).includes(unservedLine)) this.#correct(wish)
  }

  #place(wish: Wish): void {
    const event = (requestId: string) => ({
      ...this.#event(wish, requestId, wish.request),
      headers: {
        'content-type': 'application/json',
        'idempotency-key': wish.key,
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
    })
    this.#ask('create-order', event, { wish, call: 'place', request: wish.request })
  }

  #cancel(wish: Wish): void {
    const orderId = this.orderIdOf(wish)
    if (orderId === undefined) return
    const event = (requestId: string) => this.#event(wish, requestId, {}, orderId)
    this.#ask('cancel-order', event, { wish, call: 'cancel', request: {} })
  }

  #correct(wish: Wish): void {
    const orderId = this.orderIdOf(wish)
    if (orderId === undefined) return
    const event = (requestId: string) => this.#event(wish, requestId, correctedAddress, orderId)
    this.#ask('change-shipping-address', event, { wish, call: 'correct', request: correctedAddress })
  }

  #event({ owner }: Wish, requestId: string, body: Json, orderId?: string): Json {
    return {
      version: '2.0',
      isBase64Encoded: false,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      requestContext: { requestId, authorizer: { jwt: { claims: { sub: owner }, scopes: null } } },
      ...(orderId !== undefined && { pathParameters: { orderId } }),
    }
  }

  /** Asks until there is an answer that is not a 5xx, a few times. */
  #ask(
    functionName: string,
    event: (requestId: string) => Json,
    asked: Pick<Answered, 'wish' | 'call' | 'request'>,
    number = 1,
  ): void {
    const world = this.#world
    const { timeline } = world
    const { wish, call } = asked
    const { fault } = world.strike(`shop: ${call} ${wish.key}`, 'request')
    let isOver = false
    const conclude = (status: number | undefined) => {
      if (isOver) return
      isOver = true
      const again = number < tries && (status === undefined || status >= 500)
      if (again) timeline.after(waitMs, () => this.#ask(functionName, event, asked, number + 1))
    }
    const answered = (requestId: string, ended: Ended) => {
      const answer =
        ended.kind === 'answered' ? (ended.answer as { statusCode: number; body: string }) : undefined
      const body = answer ? (JSON.parse(answer.body) as Json) : {}
      if (fault === 'response lost' || isOver) return
      const status = answer?.statusCode
      this.answers.push({ ...asked, status, body, requestId, at: timeline.now })
      world.tell('shop', `${call} ${wish.key} answered ${status ?? 'with a 502'}`)
      conclude(status ?? 502)
    }
    timeline.after(patienceMs, () => conclude(undefined))
    const copies = fault === 'request lost' ? 0 : fault === 'sent twice' ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const requestId = `request-${++this.#requests}`
      world.function(functionName).invoke(event(requestId), (ended) => answered(requestId, ended))
    }
  }
}
