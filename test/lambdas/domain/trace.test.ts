import { expect, test } from '@jest/globals'
import { isTraceparent, traceparentOfXray, xrayHeaderOf } from '../../../lambdas/domain/trace.ts'

const pairs = [
  [
    'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
    '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01',
  ],
  [
    'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0',
    '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00',
  ],
] as const

test.each(pairs)('%s and %s are one trace, sampled or not', (header, traceparent) => {
  expect(traceparentOfXray(header)).toBe(traceparent)
  expect(xrayHeaderOf(traceparent)).toBe(header)
  expect(isTraceparent(traceparent)).toBe(true)
})

test("Lambda's own fields behind a header are no part of the trace", () => {
  const [header, traceparent] = pairs[1]
  expect(traceparentOfXray(`${header};Lineage=1:a8c2:0`)).toBe(traceparent)
})

test('only the last bit of the flags says that a trace is sampled', () => {
  const flagged = (flags: string) => xrayHeaderOf(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-${flags}`)
  expect(flagged('03')).toMatch(/;Sampled=1$/)
  expect(flagged('02')).toMatch(/;Sampled=0$/)
})

test.each(['', 'trace-me', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`])('"%s" is not a trace', (text) => {
  expect(isTraceparent(text)).toBe(false)
  expect(xrayHeaderOf(text)).toBeUndefined()
  expect(traceparentOfXray(text)).toBeUndefined()
})
