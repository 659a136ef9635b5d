/** A function that parses events by their schemas, and its environment. */
import {
  type DetailType,
  type EventDetail,
  type EventHandlers,
  eventDetails,
  type OrderStatus,
  parseEnv,
  type StepName,
  text,
} from 'create-order/lambdas'
import * as z from 'zod/mini'

const { AUDITED } = parseEnv(z.object({ AUDITED: text }))
const records = z.object({ Records: z.array(z.object({ body: z.string() })) })
const placed: DetailType = 'ORDER_CREATED'
const message = z.object({ 'detail-type': z.literal(placed), detail: eventDetails.ORDER_CREATED })

/** The handler for each type of event; here for one. */
const audits = {
  async ORDER_CREATED({ data: { orderId, total, currency } }: EventDetail<'ORDER_CREATED'>) {
    if (currency === AUDITED) console.log(`${orderId} is worth ${total}`)
  },
} satisfies EventHandlers

export async function handler(event: unknown): Promise<void> {
  for (const { body } of records.parse(event).Records)
    await audits.ORDER_CREATED(message.parse(JSON.parse(body)).detail)
}

/** The names of the steps, for people. */
export const names: Record<StepName, string> = { logistics: 'label', giftwrap: 'wrapping', wms: 'picking' }
export const isDone = (status: OrderStatus): boolean => status === 'READY_FOR_FULFILLMENT'
