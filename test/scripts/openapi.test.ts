import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import spectral from '@stoplight/spectral-core'
import rulesets from '@stoplight/spectral-rulesets'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { realOrders } from '../e2e/orders.ts'

const root = join(import.meta.dirname, '..', '..')
const openApi = JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8'))

test('openapi.json, the schemas of the events and the types of the client are current', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/openapi.ts', '--check'], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '' },
    encoding: 'utf8',
  })

  expect(`${stdout}${stderr}`).toBe('Everything is current.\n')
  expect(status).toBe(0)
}, 30_000)

describe("Spectral's OpenAPI ruleset", () => {
  const lint = async (document: Record<string, unknown>) => {
    const linter = new spectral.Spectral()
    linter.setRuleset(new spectral.Ruleset({ extends: [rulesets.oas] }))
    return (await linter.run(document)).map(
      ({ code, path, message }) => `${code} ${path.join('.')}: ${message}`,
    )
  }

  test('accepts openapi.json', async () => {
    expect(await lint(openApi)).toEqual([])
  }, 30_000)

  test('rejects an example that its schema does not allow', async () => {
    const broken = structuredClone(openApi)
    broken.paths['/orders'].post.requestBody.content['application/json'].examples.order.value.items = []

    expect(await lint(broken)).toEqual([
      expect.stringContaining('oas3-valid-media-example paths./orders.post.requestBody'),
    ])
  }, 30_000)
})

describe('the schema of an order request', () => {
  const ajv = new Ajv2020({ strict: false, schemas: { openApi } })
  formats.default(ajv)
  const validate = ajv.compile({ $ref: 'openApi#/components/schemas/OrderRequest' })

  test('allows every one of the real orders', () => {
    expect(realOrders).toHaveLength(430)
    expect(realOrders.filter((order) => !validate(order))).toEqual([])
  })

  test.each([
    ['an unknown field', { colour: 'blue' }],
    ['no items', { items: [] }],
    ['a currency that is not a code', { currency: 'euro' }],
    ['a blank reference', { reference: '  ' }],
    [
      'too much metadata',
      { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, ''])) },
    ],
  ])('refuses %s', (_name, change) => {
    expect(validate({ ...realOrders[0], ...change })).toBe(false)
  })
})

test("every operation documents API Gateway's own error responses, and our failures", () => {
  const operations = Object.values<Record<string, { operationId?: string; responses: object }>>(openApi.paths)
    .flatMap((path) => Object.values(path))
    .filter(({ operationId }) => operationId !== undefined)

  expect(operations.map(({ operationId }) => operationId).sort()).toEqual([
    'cancelOrder',
    'correctOrder',
    'createOrder',
    'getOrder',
    'listOrders',
  ])
  for (const { responses } of operations)
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '429', '500', '503']))
})
