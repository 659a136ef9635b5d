/** The shop that the pages act as. Its scopes let it read and correct other shops' orders. */
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
    throw new Error('The embedded cloud does not respond.', { cause })
  })

const read = async (response) => {
  const body = await response.json().catch(() => undefined)
  if (response.ok) return body
  const fields = (body?.errors ?? []).map(({ path, message }) => `${path}: ${message}`)
  const said = body?.detail ?? body?.message ?? body?.title ?? `HTTP ${response.status}`
  throw new Error([said, ...fields].join(' · '))
}

/** Calls the control API. */
export const control = async (method, path, body) =>
  read(await ask(`/_local${path}`, { method, body: JSON.stringify(body) }))

/** Runs an `orderctl` command, such as `dlq redrive`. */
export const operate = (tool, ...args) =>
  control('POST', '/operator', { tool, args: [...args, '--note', 'from the console', '--yes'] })

/** Calls the orders API as the shop; resolves to the body and how long the call took. */
export const api = async (method, path, body, more) => {
  const send = async () => {
    const headers = { ...more, ...(body !== undefined && { 'content-type': 'application/json' }) }
    headers.authorization = `Bearer ${await tokenOf()}`
    const startedAt = performance.now()
    const response = await ask(path, { method, headers, body: JSON.stringify(body) })
    return { response, ms: performance.now() - startedAt }
  }
  let sent = await send()
  // A restarted server does not accept earlier tokens.
  if (sent.response.status === 401) {
    forgetToken()
    sent = await send()
  }
  const { response, ms } = sent
  const replayed = response.headers.get('idempotency-replayed') === 'true'
  return { answer: await read(response), replayed, ms }
}

/** Fetches real orders from a JSONL file. */
export const realOrders = async (path) => {
  const response = await ask(path)
  if (!response.ok) throw new Error(`The real orders cannot be loaded: HTTP ${response.status}.`)
  return { samples: JSON.parse(`[${(await response.text()).trim().replaceAll('\n', ',')}]`) }
}

const ending = /-\d{8}$/
/** Whether this page generated the order's reference. */
export const isFresh = ({ reference }) => ending.test(reference)
/** The order with a new unique reference. */
export const freshOrder = (order) => {
  const reference = String(order.reference ?? 'order').replace(ending, '')
  return { ...order, reference: `${reference}-${Math.floor((1 + Math.random() * 9) * 1e7)}` }
}
