import { afterEach, expect, test } from '@jest/globals'
import { traceparentOf } from '../../../lambdas/runtime/http-handler.ts'

const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const fresh = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/

afterEach(() => {
  delete process.env._X_AMZN_TRACE_ID
})

test("an order belongs to its caller's trace", () => {
  process.env._X_AMZN_TRACE_ID = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'

  expect(traceparentOf(given)).toBe(given)
})

test.each([
  ['00', '01', '1'],
  ['01', '00', '0'],
  ['03', '00', '0'],
])(
  "a caller's trace with the flags %s goes on with %s: X-Ray decides here what is recorded",
  (caller, ours, sampled) => {
    process.env._X_AMZN_TRACE_ID = `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=${sampled}`
    const callers = (flags: string) => given.replace(/01$/, flags)

    expect(traceparentOf(callers(caller))).toBe(callers(ours))
  },
)

test("without one it belongs to X-Ray's of the invocation", () => {
  process.env._X_AMZN_TRACE_ID = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'

  expect(traceparentOf(undefined)).toBe('00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01')
})

test('without either it begins one of its own', () => {
  expect(traceparentOf(undefined)).toMatch(fresh)
  expect(traceparentOf(undefined)).not.toBe(traceparentOf(undefined))
})

test.each([
  ['no traceparent', 'trace-me'],
  ['of no trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
  ['of no span', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
  ['of another version', given.replace('00-', 'ff-')],
])('a header that is %s is not passed on', (_, header) => {
  expect(traceparentOf(header)).toMatch(fresh)
  expect(traceparentOf(header)).not.toBe(header)
})
