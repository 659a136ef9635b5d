import { EventEmitter } from 'node:events'
import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { Readable } from 'node:stream'

/** Returns AWS's response to a call; `action` is from X-Amz-Target. */
export type Answers = (action: string, body: string) => object

/**
 * Replaces this process's HTTP client. The SDK serializes and signs, but nothing is sent: `answers` responds at once or
 * after `callMs`. What remains to measure is the CPU time that a call costs the caller.
 */
export function stubAws(answers: Answers, callMs?: number): void {
  const answerLater = (answer: () => void) =>
    callMs === undefined ? setImmediate(answer) : setTimeout(answer, callMs)

  class StubRequest extends EventEmitter {
    readonly #options: { headers: Record<string, string> }
    readonly #respond: (response: IncomingMessage) => void
    #body = ''

    constructor(options: { headers: Record<string, string> }, respond: (response: IncomingMessage) => void) {
      super()
      this.#options = options
      this.#respond = respond
    }

    write(chunk: string | Uint8Array): boolean {
      this.#body += chunk.toString()
      return true
    }

    end(chunk?: string | Uint8Array): void {
      if (chunk !== undefined) this.write(chunk)
      answerLater(() => {
        const target = this.#options.headers['x-amz-target'] ?? this.#options.headers['X-Amz-Target'] ?? ''
        const answer = answers(target.replace(/^.*\./, ''), this.#body)
        const response = Object.assign(Readable.from([Buffer.from(JSON.stringify(answer))]), {
          statusCode: 200,
          headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'bench' },
        })
        this.#respond(response as unknown as IncomingMessage)
      })
    }

    setTimeout(): this {
      return this
    }

    destroy(): void {}
  }

  http.request = ((options: never, respond: never) =>
    new StubRequest(options, respond) as unknown as ClientRequest) as unknown as typeof http.request
  syncBuiltinESMExports()
}
