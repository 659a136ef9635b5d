import { api, forgetToken, owner, tokenOf } from './api.js'

const newKey = () => crypto.randomUUID()
const say = (words) => document.getElementById('authorized').replaceChildren(words)
const sayReady = (orderId, how = 'Authorized') =>
  say(`${how} as ${owner.sub}, with order ${orderId} to try calls on: open one, and press Execute.`)

const show = async () => {
  const { answer: published } = await api('GET', '/openapi.json')
  // Without its reference, each Execute places a new order under a new idempotency key.
  const order = published.paths['/orders'].post.requestBody.content['application/json'].examples.order.value
  delete order.reference
  const placeOne = async () =>
    (await api('POST', '/orders', order, { 'idempotency-key': newKey() })).answer.orderId
  const orderId = await placeOne()
  const { answer: page } = await api('GET', '/orders?limit=1')

  // Make every prefilled call work: the order ids and the cursor in the examples must exist.
  const text = JSON.stringify(published)
  const spec = JSON.parse(text.replaceAll(published.components.parameters.OrderId.example, orderId))
  const { parameters, responses } = spec.components
  const { get, post } = spec.paths['/orders']
  post.requestBody.content['application/json'].examples.order.value = order
  get.responses[200].content['application/json'].examples.page.value = page
  parameters.IdempotencyKey.example = newKey()
  delete parameters.Traceparent.example
  // Only these address fields can be corrected at any time.
  const { line1, postalCode } = order.shippingAddress
  for (const { examples } of Object.values(spec.paths['/orders/{orderId}'].patch.requestBody.content))
    examples.address.value = { shippingAddress: { line1, postalCode } }
  // Swagger UI shows the first content type, so remove the common error unless JSON comes first.
  for (const { content } of Object.values(responses))
    if (Object.keys(content)[0] !== 'application/json') delete content['application/json']
  // Calls go to this embedded cloud, whatever servers the document names, with a token of its issuer.
  spec.servers = [{ url: location.origin, description: 'This embedded cloud' }]
  delete spec.components.securitySchemes

  /** Fills the latest order's id and a new idempotency key into all calls, whether they are open or not. */
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
  // The token has expired, or a restarted server knows neither the token nor the order.
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
