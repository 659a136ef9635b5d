import { marshall as stock, unmarshall as stockUnmarshall } from '@aws-sdk/util-dynamodb'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { marshall, unmarshall } from '../../lib/slim-sdk/util-dynamodb.ts'

const options = { removeUndefinedValues: true, convertClassInstanceToMap: true }

/** What comes of it: the attributes, or that there are none. */
const outcome = (make: () => unknown) => {
  try {
    return make()
  } catch {
    return 'thrown'
  }
}

/** Documents of JSON, and what is not quite JSON. */
const json = fc.letrec<{ value: unknown; document: object }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, undefined, true, false, '', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1),
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.double(),
    fc.array(tie('value')),
    tie('document'),
  ),
  // util-dynamodb loses a key named __proto__.
  document: fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    tie('value'),
  ),
}))

test('marshalls every document of JSON as util-dynamodb does', () => {
  fc.assert(
    fc.property(json.document, (document) => {
      expect(outcome(() => marshall(document))).toEqual(outcome(() => stock(document, options)))
    }),
    { numRuns: 2000 },
  )
})

test('unmarshalls what it marshalled as util-dynamodb does', () => {
  fc.assert(
    fc.property(json.document, (document) => {
      const attributes = outcome(() => marshall(document))
      fc.pre(attributes !== 'thrown')
      expect(unmarshall(attributes as never)).toEqual(stockUnmarshall(attributes as never))
    }),
  )
})

test('leaves a number that would become another one as text', () => {
  expect(unmarshall({ large: { N: '9007199254740993' }, small: { N: '-1e300' } })).toEqual({
    large: '9007199254740993',
    small: '-1e300',
  })
})

test.each([{ B: new Uint8Array([1]) }, { SS: ['a'] }, { NS: ['1'] }])(
  'leaves %p, which is not JSON, as it is',
  (attribute) => {
    expect(unmarshall({ attribute } as never)).toEqual({ attribute })
  },
)

test.each([1n, Symbol('s'), () => 1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
  'refuses %p, which it could not store as it is',
  (value) => {
    expect(() => marshall({ value })).toThrow('cannot be stored')
  },
)

test('stores a map with a key named constructor', () => {
  expect(marshall({ metadata: { constructor: 'x' } })).toEqual({
    metadata: { M: { constructor: { S: 'x' } } },
  })
})
