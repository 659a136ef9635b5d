import { describe, expect, test } from '@jest/globals'
import { assertDeliberate, type Selection } from '../../../ops/dead-letters/selection.ts'

describe('a selection to move or remove', () => {
  const deliberate: (Selection & { all?: true })[] = [
    { order: 'ord_1' },
    { message: 'm-1' },
    { step: 'wms', reason: 'TIME_OUT', olderThan: 1 },
    { all: true },
  ]
  test.each(deliberate)('may be said in one way: %j', (selection) => {
    expect(() => assertDeliberate(selection)).not.toThrow()
  })

  test('must be said: nothing is not everything', () => {
    expect(() => assertDeliberate({})).toThrow('Say which: --order ID')
  })

  const muddled: (Selection & { all?: true })[] = [
    { order: 'ord_1', message: 'm-1' },
    { order: 'ord_1', step: 'wms' },
    { all: true, reason: 'TIME_OUT' },
  ]
  test.each(muddled)('may not be said in two ways: %j', (selection) => {
    expect(() => assertDeliberate(selection)).toThrow('Say it in one way')
  })
})
