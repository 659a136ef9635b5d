import { describe, expect, test } from '@jest/globals'
import { explain } from '../../../ops/orders/reasons.ts'

describe('a reason in words', () => {
  test('names the vendor of the step', () => {
    expect(explain('TIME_OUT', 'logistics').words).toBe('the carrier did not answer in time')
    expect(explain('TIME_OUT', 'wms').words).toBe('the warehouse did not answer in time')
  })

  test('unfolds a code that carries another', () => {
    expect(explain('WAITED_TOO_LONG:CIRCUIT_OPEN:HTTP_502', 'wms')).toEqual({
      trouble: 'vendor-fails',
      words:
        'it waited as long as it may: calls to the warehouse are stopped for now: the warehouse answered HTTP 502',
    })
  })

  test('tells an error of ours by its name', () => {
    expect(explain('OUR_ERROR:ThrottlingException', 'wms')).toEqual({
      trouble: 'our-fault',
      words: 'the worker failed with ThrottlingException',
    })
  })

  test.each([
    ['CIRCUIT_OPEN:MISCONFIGURED:HTTP_404', 'our-access', 'the carrier answers HTTP 404'],
    [
      'OUTCOME_UNKNOWN:TIME_OUT',
      'unknown-outcome',
      'nobody knows whether the carrier has taken the order on',
    ],
    ['PAUSED_BY_OPERATOR', 'paused', 'an operator holds calls to the carrier back'],
  ])('tells whose trouble %s is', (reason, trouble, words) => {
    expect(explain(reason, 'logistics')).toEqual({ trouble, words: expect.stringContaining(words) })
  })

  test('takes a code of the vendor’s own, and a status it refuses an order with, for a refusal', () => {
    for (const reason of ['NO_SUCH_STREET', 'HTTP_422'])
      expect(explain(reason, 'logistics')).toEqual({
        trouble: 'vendor-refuses',
        words: 'the carrier refuses this order',
      })
  })
})
