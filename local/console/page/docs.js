import { api, owner, tokenOf } from './api.js'

const spec = await (await fetch('/openapi.json')).json()
const { parameters, securitySchemes } = spec.components
// Tried out here, whatever servers the document names, with a token that is here already instead of the issuer's.
spec.servers = [{ url: location.origin, description: 'This embedded cloud' }]
const schemes = Object.keys(securitySchemes)
for (const name of schemes)
  securitySchemes[name] = {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: `A token of the embedded cloud's own issuer. This page has got one for ${owner.sub}.`,
  }

// Every call works as it is filled in: with an order that this page places, without its reference, so that each press of
// Execute places another by a key of its own; the correction is of its address, and may come at any time.
const order = spec.paths['/orders'].post.requestBody.content['application/json'].examples.order.value
delete order.reference
const { line1, postalCode } = order.shippingAddress
for (const { examples } of Object.values(spec.paths['/orders/{orderId}'].patch.requestBody.content))
  examples.address.value = { shippingAddress: { line1, postalCode } }
const newKey = () => crypto.randomUUID()
const { answer } = await api('POST', '/orders', order, { 'idempotency-key': newKey() })
parameters.OrderId.example = answer.orderId
parameters.IdempotencyKey.example = newKey()

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
    for (const name of schemes) ui.preauthorizeApiKey(name, token)
    document.getElementById('authorized').textContent =
      `Authorized as ${owner.sub}, with order ${answer.orderId} to try calls on: open one, and press Execute.`
  },
})
