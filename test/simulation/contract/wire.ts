import { type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import * as z from 'zod'

type Call = (action: string, input: Record<string, unknown>) => Promise<object>

const failure = z.object({
  code: z.string(),
  message: z.string(),
  fields: z.optional(z.record(z.string(), z.unknown())),
})

const respond = (statusCode: number, body: object, headers: Record<string, string> = {}) => ({
  response: new HttpResponse({
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0', ...headers },
    body: new TextEncoder().encode(JSON.stringify(body)),
  }),
})

/** The settings of an SDK client whose requests are handled in this process. */
export const inProcess = (call: Call) => ({
  region: 'us-east-1',
  endpoint: 'http://in.process',
  credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  md5: false as const,
  maxAttempts: 1,
  requestHandler: {
    async handle({ headers, body }: HttpRequest) {
      const action = headers['x-amz-target']?.split('.')[1] ?? ''
      const input = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body))
      try {
        return respond(200, await call(action, input))
      } catch (error) {
        const { code, message, fields } = failure.parse(error)
        return respond(400, { ...fields, __type: code, message })
      }
    },
  },
})
