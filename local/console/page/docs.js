import { api, owner, tokenOf } from './api.js'

const text = await (await fetch('/openapi.json')).text()
const published = JSON.parse(text)
// Placed without its reference, so that each press of Execute places another order by a key of its own.
const order = published.paths['/orders'].post.requestBody.content['application/json'].examples.order.value
delete order.reference
const newKey = () => crypto.randomUUID()
const { answer } = await api('POST', '/orders', order, { 'idempotency-key': newKey() })
const { answer: page } = await api('GET', '/orders?limit=1')

// Every call works as it is filled in, and every order and cursor of the examples is there.
const spec = JSON.parse(text.replaceAll(published.components.parameters.OrderId.example, answer.orderId))
const { parameters, responses, securitySchemes } = spec.components
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

// Tried out here, whatever servers the document names, with a token that is here already instead of the issuer's.
spec.servers = [{ url: location.origin, description: 'This embedded cloud' }]
for (const name in securitySchemes)
  securitySchemes[name] = {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: `A token of the embedded cloud's own issuer. This page has got one for ${owner.sub}.`,
  }

/** Fills in the order that was placed last, and a new key: where a call is opened later, and where it is open already. */
const fillIn = (orderId) => {
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

const token = await tokenOf()
const ui = globalThis.SwaggerUIBundle({
  dom_id: '#docs',
  spec,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
  responseInterceptor: (response) => {
    if (response.status === 201) fillIn(response.body.orderId)
    return response
  },
  onComplete: () => {
    for (const name in securitySchemes) ui.preauthorizeApiKey(name, token)
    document.getElementById('authorized').textContent =
      `Authorized as ${owner.sub}, with order ${answer.orderId} to try calls on: open one, and press Execute.`
  },
})
