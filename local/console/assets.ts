import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { App } from '../http.ts'

const root = join(import.meta.dirname, '..', '..')
const page = join(import.meta.dirname, 'page')

/** Where a file of a package lies, wherever npm has put it. */
const packaged = (name: string, file: string) => join(dirname(fileURLToPath(import.meta.resolve(name))), file)

/** The libraries that the pages use, as their packages ship them. */
const libraries = {
  'preact.js': packaged('preact', '../dist/preact.mjs'),
  'preact-hooks.js': packaged('preact/hooks', '../../hooks/dist/hooks.mjs'),
  'bootstrap.css': packaged('bootstrap/dist/css/bootstrap.min.css', 'bootstrap.min.css'),
  'htm.js': packaged('htm', '../dist/htm.module.js'),
  'swagger-ui.js': packaged('swagger-ui-dist/absolute-path.js', 'swagger-ui-bundle.js'),
  'swagger-ui.css': packaged('swagger-ui-dist/absolute-path.js', 'swagger-ui.css'),
}

/** Real orders to fill in the form with. */
const documents = {
  '/openapi.json': join(root, 'openapi.json'),
  '/console/sample-orders.jsonl': join(root, 'test', 'data', 'orders.jsonl'),
}

/** Nothing from outside is ever fetched; the one inline script is the import map, known by its hash. */
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
  const files = Object.entries(libraries).map(([name, file]): [string, string] => [
    `/console/lib/${name}`,
    file,
  ])
  for (const [path, file] of [...files, ...Object.entries(documents)])
    app.get(path, (_request, reply) => reply.sendFile(file.slice(dirname(file).length + 1), dirname(file)))
}
