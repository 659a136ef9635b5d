const owner = { sub: 'shop-1', scope: 'orders/write orders/read orders/read:all' }
let token

const tokenOf = async () => {
  token ??= control('POST', '/token', owner).then((answer) => answer.token)
  return token
}

/** An answer other than 2xx. */
export class ApiError extends Error {
  constructor(status, body) {
    const fields = (body?.errors ?? []).map(({ path, message }) => `${path}: ${message}`)
    super([body?.detail ?? body?.message ?? body?.title ?? `HTTP ${status}`, ...fields].join(' · '))
    this.status = status
  }
}

const read = async (response) => {
  const body = await response.json().catch(() => undefined)
  if (!response.ok) throw new ApiError(response.status, body)
  return body
}

/** Asks the embedded cloud itself. */
export const control = async (method, path, body) =>
  read(await fetch(`/_local${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) }))

/** Asks the API as one shop does; answers the body, and how long it took. */
export const api = async (method, path, body) => {
  const authorization = `Bearer ${await tokenOf()}`
  const startedAt = performance.now()
  const response = await fetch(path, {
    method,
    headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const answer = await read(response)
  const replayed = response.headers.get('idempotency-replayed') === 'true'
  return { answer, replayed, ms: performance.now() - startedAt }
}

let samples
/** The real orders of test/data, fetched once. */
export const sampleOrders = () => {
  samples ??= fetch('/console/sample-orders.jsonl')
    .then((response) => response.text())
    .then((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    )
  return samples
}

const run = Date.now().toString(36)
let placed = 0
/** A real order under a reference that this page has not used yet. */
export const freshOrder = (sample) => {
  placed += 1
  return { ...sample, reference: `${sample.reference ?? 'order'}-${run}-${placed}` }
}
