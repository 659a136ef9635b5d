import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { App } from '../http.ts'

const root = join(import.meta.dirname, '..', '..')
const page = join(import.meta.dirname, 'page')

/** The path of a file in an installed package, wherever npm has hoisted it. */
const packaged = (name: string, file: string) => join(dirname(fileURLToPath(import.meta.resolve(name))), file)

/** Files from outside the page's folder: sample orders for the form, and libraries as their packages ship them. */
const files = {
  '/console/sample-orders.jsonl': join(root, 'test', 'data', 'orders.jsonl'),
  '/console/lib/preact.js': packaged('preact', '../dist/preact.mjs'),
  '/console/lib/preact-hooks.js': packaged('preact/hooks', '../../hooks/dist/hooks.mjs'),
  '/console/lib/bootstrap.css': packaged('bootstrap/dist/css/bootstrap.min.css', 'bootstrap.min.css'),
  '/console/lib/htm.js': packaged('htm', '../dist/htm.module.js'),
  '/console/lib/swagger-ui.js': packaged('swagger-ui-dist/absolute-path.js', 'swagger-ui-bundle.js'),
  '/console/lib/swagger-ui.css': packaged('swagger-ui-dist/absolute-path.js', 'swagger-ui.css'),
}

/** A Content Security Policy that allows no other origin, and no inline script but the import map, by its hash. */
const policyOf = (html: string) => {
  const inline = [...html.matchAll(/<script type="importmap">([\s\S]*?)<\/script>/g)]
  const hashes = inline.map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  )
  return [
    "default-src 'self'",
    `script-src 'self' ${hashes.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Serves the console at /, its files and libraries under /console/, and the API's documentation at /docs. */
export const addAssets = (app: App): void => {
  app.register(fastifyStatic, { root: page, prefix: '/console/', index: false, cacheControl: false })
  for (const [path, name] of [
    ['/', 'index.html'],
    ['/docs', 'docs.html'],
  ] as const)
    app.get(path, (_request, reply) => {
      const html = readFileSync(join(page, name), 'utf8')
      return reply.type('text/html').header('content-security-policy', policyOf(html)).send(html)
    })
  const ofApplication = resolve('dist', 'openapi.json')
  const apiDocument = existsSync(ofApplication) ? ofApplication : join(root, 'openapi.json')
  for (const [path, file] of Object.entries({ ...files, '/openapi.json': apiDocument }))
    app.get(path, (_request, reply) => reply.sendFile(file.slice(dirname(file).length + 1), dirname(file)))
}
