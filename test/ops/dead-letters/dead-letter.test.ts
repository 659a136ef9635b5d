import { describe, expect, test } from '@jest/globals'
import { type Filter, requireOneFilter } from '../../../ops/dead-letters/dead-letter.ts'

describe('the filter of a command that changes something', () => {
  const deliberate: (Filter & { all?: true })[] = [
    { order: 'ord_1' },
    { message: 'm-1' },
    { step: 'wms', reason: 'TIME_OUT', olderThan: 1 },
    { all: true },
  ]
  test.each(deliberate)('may be given in one way: %j', (filter) => {
    expect(() => requireOneFilter(filter)).not.toThrow()
  })

  test('must be given: nothing does not mean all', () => {
    expect(() => requireOneFilter({})).toThrow('Choose the messages: --order ID')
  })

  const muddled: (Filter & { all?: true })[] = [
    { order: 'ord_1', message: 'm-1' },
    { order: 'ord_1', step: 'wms' },
    { all: true, reason: 'TIME_OUT' },
  ]
  test.each(muddled)('may not be given in two ways: %j', (filter) => {
    expect(() => requireOneFilter(filter)).toThrow('Choose the messages in only one way')
  })
})
