import { randomBytes } from 'node:crypto'

/** https://www.w3.org/TR/trace-context/#traceparent-header */
const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
const xrayPattern = /Root=1-([0-9a-f]{8})-([0-9a-f]{24}).*Parent=([0-9a-f]{16})/

/** The trace that an order belongs to for good: the caller's, or X-Ray's of this invocation, or a new one. */
export function traceparentOf(header: string | undefined): string {
  if (header !== undefined && traceparentPattern.test(header)) return header
  const xray = xrayPattern.exec(process.env._X_AMZN_TRACE_ID ?? '')
  if (xray) return `00-${xray[1]}${xray[2]}-${xray[3]}-01`
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
}
