import {
  type CreateClient,
  classifyReply,
  type Reply,
  type VendorJob,
  visibleText,
  weightOf,
} from 'create-order/lambdas'
import * as z from 'zod/mini'

const label = z.object({ for: z.string(), number: visibleText(100), state: z.enum(['valid', 'void']) })

/** Parcel Post ignores idempotency keys, and finds a label by our reference. */
export const createParcelPost: CreateClient = (http, codes) => {
  const meaningOf = (reply: Reply, call: 'create' | 'look-up' | 'cancel', { reference }: VendorJob) =>
    classifyReply(reply, call, codes, (body) => {
      const { data } = label.safeParse(body)
      if (data?.for !== reference) return { made: 'unknown', blame: 'unclear', reason: 'UNREADABLE_ANSWER' }
      const facts = { awb: data.number }
      return data.state === 'void'
        ? { made: 'yes', blame: 'order', reason: 'CANCELLED_BY_VENDOR', facts }
        : { made: 'yes', blame: 'nobody', reason: 'MADE', facts }
    })
  const at = ({ reference }: VendorJob) => `/labels?for=${reference}`
  return {
    requestVersion: 1,
    async create(job) {
      const { order, reference } = job
      const request = { for: reference, to: order.shippingAddress, grams: weightOf(order) }
      return meaningOf(await http('POST', '/labels', request, reference), 'create', job)
    },
    lookUp: async (job) => meaningOf(await http('GET', at(job)), 'look-up', job),
    cancel: async (job) => meaningOf(await http('DELETE', at(job)), 'cancel', job),
  }
}
