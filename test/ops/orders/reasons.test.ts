import { describe, expect, test } from '@jest/globals'
import { explain } from '../../../ops/orders/reasons.ts'

describe('the explanation of a reason', () => {
  test('names the vendor of the step', () => {
    expect(explain('TIME_OUT', 'logistics').text).toBe('the carrier did not answer in time')
    expect(explain('TIME_OUT', 'wms').text).toBe('the warehouse did not answer in time')
  })

  test('includes the reason behind a prefix', () => {
    expect(explain('WAITED_TOO_LONG:CIRCUIT_OPEN:HTTP_502', 'wms')).toEqual({
      kind: 'vendor-fails',
      text: 'it has waited for as long as is allowed: calls to the warehouse are stopped for now: the warehouse answered HTTP 502',
    })
  })

  test('names an error of our own', () => {
    expect(explain('OUR_ERROR:ThrottlingException', 'wms')).toEqual({
      kind: 'our-fault',
      text: 'the worker failed with ThrottlingException',
    })
  })

  test.each([
    ['CIRCUIT_OPEN:HTTP_404', 'our-access', 'the carrier answers HTTP 404'],
    [
      'OUTCOME_UNKNOWN:TIME_OUT',
      'unknown-outcome',
      'it is not known whether the carrier has accepted the order',
    ],
    ['PAUSED_BY_OPERATOR', 'paused', 'an operator has paused calls to the carrier'],
  ])('has the kind of %s', (reason, kind, text) => {
    expect(explain(reason, 'logistics')).toEqual({ kind, text: expect.stringContaining(text) })
  })

  test('is a refusal for a vendor’s own code and for a 4xx status', () => {
    for (const reason of ['NO_SUCH_STREET', 'HTTP_422'])
      expect(explain(reason, 'logistics')).toEqual({
        kind: 'vendor-refuses',
        text: 'the carrier refuses this order',
      })
  })
})
