import { api, forgetToken, owner, tokenOf } from './api.js'

const newKey = () => crypto.randomUUID()
const say = (words) => document.getElementById('authorized').replaceChildren(words)
const sayReady = (orderId, how = 'Authorized') =>
  say(`${how} as ${owner.sub}, with order ${orderId} to try calls on: open one, and press Execute.`)

const show = async () => {
  const { answer: published } = await api('GET', '/openapi.json')
  // Placed without its reference, so that each press of Execute places another order by a key of its own.
  const order = published.paths['/orders'].post.requestBody.content['application/json'].examples.order.value
  delete order.reference
  const placeOne = async () =>
    (await api('POST', '/orders', order, { 'idempotency-key': newKey() })).answer.orderId
  const orderId = await placeOne()
  const { answer: page } = await api('GET', '/orders?limit=1')

  // Every call works as it is filled in, and every order and cursor of the examples is there.
  const text = JSON.stringify(published)
  const spec = JSON.parse(text.replaceAll(published.components.parameters.OrderId.example, orderId))
  const { parameters, responses } = spec.components
  const { get, post } = spec.paths['/orders']
  post.requestBody.content['application/json'].examples.order.value = order
  get.responses[200].content['application/json'].examples.page.value = page
  parameters.IdempotencyKey.example = newKey()
  delete parameters.Traceparent.example
  // A correction of its address may come at any time.
  const { line1, postalCode } = order.shippingAddress
  for (const { examples } of Object.values(spec.paths['/orders/{orderId}'].patch.requestBody.content))
    examples.address.value = { shippingAddress: { line1, postalCode } }
  // The page shows JSON where there is any, and not what comes first: the common error.
  for (const { content } of Object.values(responses))
    if (Object.keys(content)[0] !== 'application/json') delete content['application/json']
  // Tried out here, whatever servers the document names, with a token of this embedded cloud's own issuer.
  spec.servers = [{ url: location.origin, description: 'This embedded cloud' }]
  delete spec.components.securitySchemes

  /** Fills in the order that was placed last, and a new key: where a call is opened later, and where it is open already. */
  const goOnWith = (orderId, how) => {
    sayReady(orderId, how)
    const { specSelectors, specActions } = ui.getSystem()
    for (const [path, operations] of specSelectors.specJsonWithResolvedSubtrees().get('paths'))
      for (const [method, operation] of operations) {
        specActions.changeParam([path, method], 'orderId', 'path', orderId)
        for (const parameter of operation.get('parameters') ?? []) {
          const value = { orderId, 'Idempotency-Key': newKey() }[parameter.get('name')]
          if (value) specActions.changeParamByIdentity([path, method], parameter, value)
        }
      }
  }
  // A server that was started again knows neither the token nor the order; and a token lasts for hours only.
  const renew = async () => {
    forgetToken()
    goOnWith(await placeOne(), 'The token was refused. Authorized again')
  }
  const ui = globalThis.SwaggerUIBundle({
    dom_id: '#docs',
    spec,
    deepLinking: true,
    defaultModelsExpandDepth: 0,
    tryItOutEnabled: true,
    validatorUrl: null,
    requestInterceptor: async (request) => {
      request.headers.Authorization = `Bearer ${await tokenOf()}`
      return request
    },
    responseInterceptor: async (response) => {
      const { status, body } = response
      if (status === 401) await renew().catch(({ message }) => say(message))
      if (status === 201) goOnWith(body.orderId)
      return response
    },
    onComplete: () => sayReady(orderId),
  })
}

const begin = () =>
  show().catch(({ message }) => {
    say(`${message} Trying again …`)
    setTimeout(begin, 1000)
  })
begin()
