import { inspect } from 'node:util'
import type { Reply, VendorHttp } from '../../lambdas/adapters/vendor-http.ts'
import type { LogFacts, MetricName, Telemetry } from '../../lambdas/application/telemetry.ts'
import { t0 } from '../builders.ts'

/** A clock that does not move until it is moved. */
export function createClock(start = t0) {
  let time = start
  return {
    now: () => time,
    /** Moves on by this many ms. */
    pass: (ms: number) => {
      time += ms
    },
  }
}

/** What a function told its operators. */
export function createTelemetryRecord() {
  const lines: { level: 'info' | 'warn' | 'error'; message: string; facts: LogFacts }[] = []
  const metrics: { name: MetricName; value: number; dimensions: Record<string, string> }[] = []
  const telemetry: Telemetry = {
    info: (message, facts) => void lines.push({ level: 'info', message, facts }),
    warn: (message, facts) => void lines.push({ level: 'warn', message, facts }),
    error: (message, facts) => void lines.push({ level: 'error', message, facts }),
    metric: (name, value, dimensions = {}) => void metrics.push({ name, value, dimensions }),
  }
  return {
    telemetry,
    lines,
    /** All that was logged, as text: errors with their causes and properties, which JSON would leave out. */
    text: () => inspect(lines, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity }),
    /** The values of one metric, in order. */
    valuesOf: (name: MetricName) => metrics.filter((each) => each.name === name).map(({ value }) => value),
    /** The dimensions of one metric, in order. */
    dimensionsOf: (name: MetricName) =>
      metrics.filter((each) => each.name === name).map(({ dimensions }) => dimensions),
  }
}

/** A vendor's API that answers every creation with 201 and the body, and records what was posted. */
export function createVendorHttpDouble(body: unknown) {
  const posted: unknown[] = []
  const reply: Reply = { kind: 'answer', status: 201, body, retryAfterMs: undefined }
  const http: VendorHttp = async (method, path, request) => {
    if (method === 'POST') posted.push([path, JSON.parse(JSON.stringify(request))])
    return reply
  }
  return { http, posted }
}

/** What saves the checkpoint of a job whose client saves none. */
export const savesNothing = async (): Promise<void> => {
  throw new Error('Nothing should be saved')
}
