import type { Json } from '../models/aws-error.ts'
import { unservedLine } from '../models/vendor.ts'
import type { Ended } from './invocation.ts'
import type { World } from './world.ts'

/** An order that a shop will place, and when it cancels or corrects it, if it does. */
export interface PlannedOrder {
  owner: string
  key: string
  /** In ms from the start. */
  atMs: number
  request: Json
  /** When the shop cancels it, or corrects its address. In ms from the start. */
  cancelAtMs?: number | undefined
  correctAtMs?: number | undefined
}

/** A response to a shop. `status` is undefined if none came. */
export interface Answered {
  planned: PlannedOrder
  call: 'place' | 'cancel' | 'correct'
  status: number | undefined
  body: Json
  requestId: string
  /** The request, and the time of the response in epoch ms. */
  request: Json
  at: number
}

const tries = 6
const waitMs = 2000
const patienceMs = 12_000

/** The values that a shop corrects an order to: an address line that every carrier serves, and an SKU. */
export const correctedLine = 'Somewhere 2'
export const correctedSku = 'NW-012'
const correctedItems = { items: [{ sku: correctedSku, quantity: 12, unitPrice: 1400 }] }
const corrections = {
  ...correctedItems,
  shippingAddress: { name: 'Corrected', line1: correctedLine, city: 'Reims', country: 'FR' },
}

/** The shops: they place orders, and repeat a request with the same key until they get a response. */
export class Shops {
  readonly answers: Answered[] = []
  readonly #world: World
  readonly #plannedOrders: readonly PlannedOrder[]
  #requests = 0

  constructor(world: World, plannedOrders: readonly PlannedOrder[]) {
    this.#world = world
    this.#plannedOrders = plannedOrders
    const { timeline } = world
    for (const planned of plannedOrders) {
      timeline.after(planned.atMs, () => this.#place(planned))
      if (planned.cancelAtMs !== undefined) timeline.after(planned.cancelAtMs, () => this.#cancel(planned))
      if (planned.correctAtMs !== undefined) timeline.after(planned.correctAtMs, () => this.#correct(planned))
    }
  }

  /** Cancels the first order now. */
  cancelNow(): void {
    for (const planned of this.#plannedOrders.slice(0, 1)) this.#cancel(planned)
  }

  /** Corrects the first order now. */
  correctNow(): void {
    for (const planned of this.#plannedOrders.slice(0, 1)) this.#correct(planned)
  }

  /** The order's id, if the shop has received it. */
  orderIdOf(planned: PlannedOrder): string | undefined {
    const placed = this.answers.find((answer) => answer.planned === planned && answer.status === 201)
    return placed && String(placed.body.orderId)
  }

  /** Corrects the address of an order that cannot be delivered. */
  correctAddressOf(orderId: string): void {
    const planned = this.#plannedOrders.find((candidate) => this.orderIdOf(candidate) === orderId)
    if (planned && JSON.stringify(planned.request).includes(unservedLine)) this.#correct(planned)
  }

  #place(planned: PlannedOrder): void {
    const event = (requestId: string) => ({
      ...this.#event(planned, requestId, planned.request),
      headers: {
        'content-type': 'application/json',
        'idempotency-key': planned.key,
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
    })
    this.#ask('create-order', event, { planned, call: 'place', request: planned.request })
  }

  #cancel(planned: PlannedOrder): void {
    const orderId = this.orderIdOf(planned)
    if (orderId === undefined) return
    const event = (requestId: string) => this.#event(planned, requestId, {}, orderId)
    this.#ask('cancel-order', event, { planned, call: 'cancel', request: {} })
  }

  /** Corrects address and SKU, or only the SKU if a label has been made for the address. */
  #correct(planned: PlannedOrder, patch: Json = corrections): void {
    const orderId = this.orderIdOf(planned)
    if (orderId === undefined) return
    const event = (requestId: string) => this.#event(planned, requestId, patch, orderId)
    this.#ask('correct-order', event, { planned, call: 'correct', request: patch })
  }

  #event({ owner }: PlannedOrder, requestId: string, body: Json, orderId?: string): Json {
    return {
      version: '2.0',
      isBase64Encoded: false,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      requestContext: { requestId, authorizer: { jwt: { claims: { sub: owner }, scopes: null } } },
      ...(orderId !== undefined && { pathParameters: { orderId } }),
    }
  }

  /** Sends a request, with a few retries, until the response is not a 5xx. */
  #ask(
    functionName: string,
    event: (requestId: string) => Json,
    asked: Pick<Answered, 'planned' | 'call' | 'request'>,
    number = 1,
  ): void {
    const world = this.#world
    const { timeline } = world
    const { planned, call } = asked
    const { fault } = world.inject(`shop: ${call} ${planned.key}`, 'request')
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
      world.log('shop', `${call} ${planned.key} answered ${status ?? 'with a 502'}`)
      if (call === 'correct' && status === 422) this.#correct(planned, correctedItems)
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
