import { describe, expect, test } from '@jest/globals'
import { compilePattern } from '../../../local/services/event-bridge.ts'

const event = {
  source: 'orders',
  'detail-type': 'ORDER_CREATED',
  detail: {
    total: 1290,
    country: 'DE',
    tags: ['gift', 'express'],
    note: null,
    path: 'a.b/c',
    metadata: { id: 'x:1' },
  },
}

const cases: [what: string, pattern: object, matches: boolean][] = [
  ['an exact value', { source: ['orders'] }, true],
  ['one of several values', { source: ['invoices', 'orders'] }, true],
  ['another value', { source: ['invoices'] }, false],
  ['another letter case', { source: ['Orders'] }, false],
  ['every field', { source: ['orders'], 'detail-type': ['ORDER_CREATED'] }, true],
  ['one field of two', { source: ['orders'], 'detail-type': ['AWB_GENERATED'] }, false],
  ['a nested field', { detail: { metadata: { id: ['x:1'] } } }, true],
  ['a field that is missing', { detail: { carrier: ['x'] } }, false],
  ['a field below one that is missing', { detail: { carrier: { name: ['x'] } } }, false],
  ['a number', { detail: { total: [1290] } }, true],
  ['a number written as text', { detail: { total: ['1290'] } }, false],
  ['null', { detail: { note: [null] } }, true],
  ['an element of an array', { detail: { tags: ['gift'] } }, true],
]

describe('an event pattern', () => {
  test.each(cases)('on %s', (_what, pattern, matches) => {
    expect(compilePattern(pattern)(event)).toBe(matches)
  })

  test('with an operator that is not emulated is refused, not ignored', () => {
    expect(() => compilePattern({ $or: [{ source: ['x'] }] })).toThrow('source')
    expect(() => compilePattern({ source: [{ cidr: '10.0.0.0/24' }] })).toThrow('cidr')
    expect(() => compilePattern({ source: ['x', { prefix: 'ord' }] })).toThrow('prefix')
  })
})
