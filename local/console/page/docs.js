const owner = { sub: 'shop-1', scope: 'orders/write orders/read orders/read:all' }
const fetched = async (path, init) => (await fetch(path, init)).json()
const [spec, { token }] = await Promise.all([
  fetched('/openapi.json'),
  fetched('/_local/token', { method: 'POST', body: JSON.stringify(owner) }),
])

const dark = matchMedia('(prefers-color-scheme: dark)')
const followScheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', followScheme)
followScheme()

// Tried out here, whatever servers the document names, with a token that is here already instead of the issuer's.
spec.servers = [{ url: location.origin, description: 'This embedded cloud' }]
const schemes = Object.keys(spec.components.securitySchemes)
for (const name of schemes)
  spec.components.securitySchemes[name] = {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: `A token of the embedded cloud's own issuer. This page has got one for ${owner.sub}.`,
  }

const ui = globalThis.SwaggerUIBundle({
  dom_id: '#docs',
  spec,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
  onComplete: () => {
    for (const name of schemes) ui.preauthorizeApiKey(name, token)
    document.getElementById('authorized').textContent =
      `Authorized as ${owner.sub}: open one, and press Execute.`
  },
})
