import { randomUUID } from 'node:crypto'
import type { CreateClient } from '../../lambdas/adapters/vendor-client.ts'
import type { VendorHttp } from '../../lambdas/adapters/vendor-http.ts'
import { createLogisticsClient } from '../../vendors/contract/client.ts'

/** The contract's adapter with its HTTP calls changed. */
const through =
  (wrap: (http: VendorHttp) => VendorHttp): CreateClient =>
  (http, codes) =>
    createLogisticsClient(wrap(http), codes)

/** Sends a new key with each create. */
export const ignoresTheKey = through(
  (http) => (method, path, body) => http(method, path, body, method === 'POST' ? randomUUID() : undefined),
)

/** Takes any 404 to mean that nothing is there. */
export const trustsA404 = through((http) => async (...request) => {
  const reply = await http(...request)
  return reply.kind === 'answer' && reply.status === 404 ? { ...reply, body: { code: 'NOT_FOUND' } } : reply
})

/** Retries at once if there is no answer. */
export const retriesByItself = through((http) => async (...request) => {
  const reply = await http(...request)
  return reply.kind === 'no-answer' ? http(...request) : reply
})
