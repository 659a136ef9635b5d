/** Whom these pages act for. It may read and correct what other shops have ordered. */
export const owner = { sub: 'shop-1', scope: 'orders/write orders/read orders/read:all orders/on-behalf' }
let token

export const forgetToken = () => {
  token = undefined
}
export const tokenOf = () => {
  token ??= control('POST', '/token', owner).then((answer) => answer.token)
  token.catch(forgetToken)
  return token
}

const ask = (path, init) =>
  fetch(path, init).catch((cause) => {
    throw new Error('The embedded cloud does not answer.', { cause })
  })

const read = async (response) => {
  const body = await response.json().catch(() => undefined)
  if (response.ok) return body
  const fields = (body?.errors ?? []).map(({ path, message }) => `${path}: ${message}`)
  const said = body?.detail ?? body?.message ?? body?.title ?? `HTTP ${response.status}`
  throw new Error([said, ...fields].join(' · '))
}

/** Asks the embedded cloud itself. */
export const control = async (method, path, body) =>
  read(await ask(`/_local${path}`, { method, body: JSON.stringify(body) }))

/** Runs a command of the operator's tools, such as `dlq redrive`. */
export const operate = (tool, ...args) =>
  control('POST', '/operator', { tool, args: [...args, '--note', 'from the console', '--yes'] })

/** Asks the API as one shop does; answers the body, and how long it took. */
export const api = async (method, path, body, more) => {
  const send = async () => {
    const headers = { ...more, ...(body !== undefined && { 'content-type': 'application/json' }) }
    headers.authorization = `Bearer ${await tokenOf()}`
    const startedAt = performance.now()
    const response = await ask(path, { method, headers, body: JSON.stringify(body) })
    return { response, ms: performance.now() - startedAt }
  }
  let sent = await send()
  // A server that was started again knows no token of its former life.
  if (sent.response.status === 401) {
    forgetToken()
    sent = await send()
  }
  const { response, ms } = sent
  const replayed = response.headers.get('idempotency-replayed') === 'true'
  return { answer: await read(response), replayed, ms }
}

/** Real orders, one a line. */
export const realOrders = async (path) => {
  const response = await ask(path)
  if (!response.ok) throw new Error(`The real orders cannot be read: HTTP ${response.status}.`)
  return { samples: JSON.parse(`[${(await response.text()).trim().replaceAll('\n', ',')}]`) }
}

const ending = /-\d{8}$/
/** Whether an order has a reference that this page has made. */
export const isFresh = ({ reference }) => ending.test(reference)
/** An order under a reference that nobody has used yet. */
export const freshOrder = (order) => {
  const reference = String(order.reference ?? 'order').replace(ending, '')
  return { ...order, reference: `${reference}-${Math.floor((1 + Math.random() * 9) * 1e7)}` }
}
