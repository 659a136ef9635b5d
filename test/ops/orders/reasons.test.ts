import { describe, expect, test } from '@jest/globals'
import { explain } from '../../../ops/orders/reasons.ts'

describe('the explanation of a reason', () => {
  test('names the vendor', () => {
    expect(explain('TIME_OUT', 'carrier').text).toBe('carrier did not answer in time')
  })

  test('includes the reason behind a prefix', () => {
    expect(explain('WAITED_TOO_LONG:CIRCUIT_OPEN:HTTP_502', 'warehouse')).toEqual({
      kind: 'vendor-fails',
      text: 'it has waited for as long as is allowed: calls to warehouse are stopped for now: warehouse answered HTTP 502',
    })
  })

  test('names an error of ours', () => {
    expect(explain('OUR_ERROR:ThrottlingException', 'warehouse')).toEqual({
      kind: 'our-fault',
      text: 'the worker failed with ThrottlingException',
    })
  })

  test.each([
    ['CIRCUIT_OPEN:HTTP_404', 'our-access', 'carrier answers HTTP 404'],
    ['OUTCOME_UNKNOWN:TIME_OUT', 'unknown-outcome', 'it is not known whether carrier has accepted the order'],
    ['PAUSED_BY_OPERATOR', 'paused', 'an operator has paused calls to carrier'],
  ])('has a kind: %s', (reason, kind, text) => {
    expect(explain(reason, 'carrier')).toEqual({ kind, text: expect.stringContaining(text) })
  })

  test.each([
    [
      "a vendor's own code, which may also come with a failure",
      'INTERNAL_ERROR',
      'answered with this code of its own',
    ],
    ['some 4xx statuses', 'HTTP_422', 'refuses this order'],
  ])('is about the order for %s', (_, reason, text) => {
    expect(explain(reason, 'carrier')).toEqual({ kind: 'vendor-refuses', text: `carrier ${text}` })
  })
})
