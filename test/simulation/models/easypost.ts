import { poisonAnswer } from './poison.ts'
import { type Asked, type Made, unservedLine, type VendorAnswer, VendorModel, type Work } from './vendor.ts'

/** A shipment, which costs nothing until a label is bought for it. */
interface Shipment {
  id: string
  reference: string
  body: string
  /** Whether the purchase has begun. */
  isSold: boolean
}

const rates = [{ id: 'rate_1', carrier: 'USPS', service: 'Priority', rate: '7.58', currency: 'USD' }]

/**
 * A carrier with EasyPost's API (https://docs.easypost.com/docs/shipments): any number of shipments can be created, and
 * each can be bought once. Bought labels are recorded in the ledger, like the products of every vendor.
 */
export class EasyPostModel extends VendorModel {
  readonly #shipments: Shipment[] = []

  override asked(method: string, path: string, body: string): Asked {
    const [, , id = '', action] = path.split('/')
    const shipment = this.#shipments.find((each) => each.id === id)
    if (method === 'POST' && action === undefined) {
      const { reference } = (JSON.parse(body) as { shipment: { reference: string } }).shipment
      return { kind: 'create', reference, begin: () => ({ finish: () => this.#open(reference, body) }) }
    }
    const begins = {
      buy: { kind: 'create', begin: () => this.#buy(shipment) },
      refund: { kind: 'cancel', begin: () => ({ finish: () => this.#refund(shipment) }) },
    } as const
    const reference = shipment?.reference ?? id
    if (action === 'buy' || action === 'refund') return { reference, ...begins[action] }
    return { kind: 'lookUp', reference, begin: () => ({ finish: () => this.#view(shipment) }) }
  }

  override error(status: number, code: string, retryAfterSeconds?: number): VendorAnswer {
    const error = { code, message: 'Nobody lives at 1 Privacy Lane', errors: [] }
    return { status, body: { error }, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
  }

  /** EasyPost's API cannot say that the carrier has cancelled a label. */
  override cancel(): undefined {
    return undefined
  }

  #open(reference: string, body: string): VendorAnswer {
    const poisoned = poisonAnswer(body)
    if (poisoned) return poisoned
    const shipment = { id: `shp_${this.#shipments.length + 1}`, reference, body, isSold: false }
    this.#shipments.push(shipment)
    return { ...this.#view(shipment), status: 201 }
  }

  #buy(shipment: Shipment | undefined): VendorAnswer | Work {
    if (shipment === undefined) return this.error(404, 'NOT_FOUND')
    if (this.#madeOf(shipment)) return this.error(422, 'SHIPMENT.POSTAGE.EXISTS')
    if (shipment.isSold) return this.error(422, 'SHIPMENT.PURCHASE.IN_PROGRESS')
    const work = this.create(JSON.stringify({ ...JSON.parse(shipment.body).shipment }), shipment.id)
    if (!('finish' in work)) return work
    shipment.isSold = true
    return {
      finish: () => {
        work.finish()
        return this.#view(shipment)
      },
    }
  }

  #refund(shipment: Shipment | undefined): VendorAnswer {
    const made = shipment && this.#madeOf(shipment)
    if (made === undefined) return this.error(422, 'SHIPMENT.POSTAGE.REQUIRED')
    if (!this.hasLeft(made)) made.undoneAt ??= this.now()
    return this.#view(shipment, this.hasLeft(made) ? 'rejected' : 'refunded')
  }

  #madeOf({ id }: Shipment): Made | undefined {
    return this.ledger.find(({ key }) => key === id)
  }

  #view(shipment: Shipment | undefined, refund: string | null = null): VendorAnswer {
    if (shipment === undefined) return this.error(404, 'NOT_FOUND')
    const made = this.#madeOf(shipment)
    return {
      status: 200,
      body: {
        id: shipment.id,
        mode: 'test',
        rates: shipment.body.includes(unservedLine) ? [] : rates,
        tracking_code: made?.id ?? null,
        selected_rate: made ? rates[0] : null,
        tracker: made ? { public_url: `https://carrier.example/${made.id}` } : null,
        refund_status: made?.undoneAt === undefined ? refund : 'refunded',
      },
    }
  }
}
