import { randomBytes } from 'node:crypto'
import { isTraceparent, traceparentOfXray } from '../domain/trace.ts'

/** The trace that an order belongs to for good: the caller's, or X-Ray's of this invocation, or a new one. */
export function traceparentOf(header: string | undefined): string {
  if (header !== undefined && isTraceparent(header)) return header
  const own = traceparentOfXray(process.env._X_AMZN_TRACE_ID ?? '')
  return own ?? `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
}
