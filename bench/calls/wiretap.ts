import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import * as z from 'zod'

/** One AWS call as it passed the emulated endpoint. */
export interface AwsCall {
  /** The access key: one for each function. */
  accessKeyId: string
  action: string
  requestBytes: number
}

/** What Node tells of every HTTP server in this process: https://nodejs.org/api/diagnostics_channel.html#http */
const channel = 'http.server.response.finish'
const exchange = z.object({ request: z.custom<IncomingMessage>() })
const credential = /Credential=([^/]+)\//

/** Listens to the AWS calls that reach an embedded cloud in this process, and changes nothing. */
export function tapAwsCalls() {
  let calls: AwsCall[] = []
  const listener = (message: unknown): void => {
    const { request } = exchange.parse(message)
    const target = request.headers['x-amz-target']
    if (typeof target !== 'string') return
    calls.push({
      accessKeyId: credential.exec(request.headers.authorization ?? '')?.[1] ?? '',
      action: target.replace(/^.*\./, ''),
      requestBytes: Number(request.headers['content-length'] ?? 0),
    })
  }
  subscribe(channel, listener)
  return {
    /** What was called since the last time. */
    take(): AwsCall[] {
      const taken = calls
      calls = []
      return taken
    },
    stop: () => unsubscribe(channel, listener),
  }
}
