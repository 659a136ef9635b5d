import { randomUUID } from 'node:crypto'
import type { CreateClient } from '../../lambdas/adapters/vendor-client.ts'
import type { VendorHttp } from '../../lambdas/adapters/vendor-http.ts'
import { createLogisticsClient } from '../../vendors/contract/client.ts'

/** An adapter of the contract whose calls go another way. */
const through =
  (wrap: (http: VendorHttp) => VendorHttp): CreateClient =>
  (http, codes) =>
    createLogisticsClient(wrap(http), codes)

/** Each create has a key of its own. */
export const ignoresTheKey = through(
  (http) => (method, path, body) => http(method, path, body, method === 'POST' ? randomUUID() : undefined),
)

/** Whatever answers 404 says that nothing is there. */
export const trustsA404 = through((http) => async (...request) => {
  const reply = await http(...request)
  return reply.kind === 'answer' && reply.status === 404 ? { ...reply, body: { code: 'NOT_FOUND' } } : reply
})

/** Where no answer comes, it asks again at once. */
export const retriesByItself = through((http) => async (...request) => {
  const reply = await http(...request)
  return reply.kind === 'no-answer' ? http(...request) : reply
})
