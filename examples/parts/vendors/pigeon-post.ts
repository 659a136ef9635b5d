/** An adapter that classifies each answer itself, and the clients that the package exports. */
import {
  type Blame,
  type CreateClient,
  createAmazonMcfClient,
  createEasyPostClient,
  createLogisticsClient,
  createVendorClient,
  createWmsClient,
  isVendorCode,
  type Meaning,
  type Order,
  type Reason,
  type Reply,
  type VendorClient,
  type VendorCodes,
  type VendorFacts,
  type VendorHttp,
  type VendorJob,
  visibleText,
} from 'create-order/lambdas'
import * as z from 'zod/mini'

const flight = z.object({ pigeon: visibleText(40), released: z.boolean() })
const refusal = z.object({ code: z.string() })

const unknownFrom = (blame: Blame, reason: Reason): Meaning => ({ made: 'unknown', blame, reason })

/** One pigeon per reference: `PUT` sends it (a repeat is the same pigeon), `GET` finds it, `DELETE` calls it back. */
export function createPigeonPost(http: VendorHttp, codes: VendorCodes): VendorClient {
  function meaningOf(reply: Reply): Meaning {
    if (reply.kind === 'not-connected') return { made: 'no', blame: 'unreached', reason: 'CONNECTION_FAILED' }
    if (reply.kind === 'no-answer') return unknownFrom('vendor', reply.reason)
    const { status, body, retryAfterMs } = reply
    const { data } = z.safeParse(flight, body)
    if (status === 200 && data?.released)
      return { made: 'yes', blame: 'nobody', reason: 'MADE', facts: { awb: data.pigeon } }
    if (status === 200 && data)
      return { made: 'yes', blame: 'order', reason: 'CANCELLED_BY_VENDOR', facts: { awb: data.pigeon } }
    const { code = '' } = z.safeParse(refusal, body).data ?? {}
    if (status === 404 && code === 'NOT_FOUND') return { made: 'no', blame: 'nobody', reason: 'NOT_THERE' }
    if (status === 409 && code === 'TOO_LATE') return { made: 'no', blame: 'order', reason: 'TOO_LATE' }
    if (status === 401) return { made: 'no', blame: 'us', reason: 'CREDENTIAL_REFUSED' }
    if (status === 429) return { made: 'no', blame: 'nobody', reason: 'RATE_LIMITED', retryAfterMs }
    if (codes[code] === 'refused' && isVendorCode(code)) return { made: 'no', blame: 'order', reason: code }
    return unknownFrom(status >= 500 ? 'vendor' : 'unclear', `HTTP_${status}`)
  }
  const pathOf = ({ reference }: VendorJob) => `/flights/${reference}`
  const addressOf = ({ shippingAddress: { line1, city } }: Order) => ({ line1, city })
  const called = async (job: VendorJob): Promise<Meaning> => {
    const meaning = meaningOf(await http('DELETE', pathOf(job)))
    const isBack = meaning.made === 'yes' && meaning.blame === 'order'
    return isBack ? { made: 'yes', blame: 'nobody', reason: 'UNDONE', facts: {} } : meaning
  }
  return {
    requestVersion: 1,
    create: async (job) => meaningOf(await http('PUT', pathOf(job), addressOf(job.order), job.reference)),
    lookUp: async (job) => meaningOf(await http('GET', pathOf(job))),
    cancel: called,
  }
}

const clearance: z.ZodMiniType<VendorFacts> = z.pipe(
  z.object({ clearance: visibleText(40) }),
  z.transform((facts) => ({ facts })),
)
/** A vendor that keeps the contract, with a request body that `contractAt` cannot express. */
export const createBroker: CreateClient = (http, codes) =>
  createVendorClient(http, {
    path: '/clearances',
    facts: clearance,
    requestVersion: 1,
    requestFor: ({ reference, order }) => ({ reference, awb: order.awb, total: order.total }),
    codes,
  })

/** The clients that a worker may use: those of the package, and your own. */
export const carriers: Record<string, CreateClient> = {
  contract: createLogisticsClient,
  easypost: createEasyPostClient,
  pigeon: createPigeonPost,
}
export const warehouses: Record<string, CreateClient> = {
  contract: createWmsClient,
  'amazon-mcf': createAmazonMcfClient,
}
