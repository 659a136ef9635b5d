/** Runs a function behind a Lambda function URL in a separate process, for deployed-simulators.thorough.test.ts. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import * as z from 'zod'

const listening = z.object({ port: z.number() })

/** Creates a URL, which responds as soon as its function has been started from its bundle. */
export async function createFunctionUrl() {
  // The function's log is discarded.
  const child = fork(import.meta.filename, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [message] = await once(child, 'message')
  return {
    url: `http://127.0.0.1:${listening.parse(message).port}`,
    async start(bundle: string, environment: Record<string, string>): Promise<void> {
      child.send({ bundle, environment })
      await once(child, 'message')
    },
    async stop(): Promise<void> {
      child.kill()
      await once(child, 'exit')
    },
  }
}
/** See {@link createFunctionUrl}. */
export type FunctionUrl = Awaited<ReturnType<typeof createFunctionUrl>>

type Handler = (event: object) => Promise<{ statusCode: number; headers: object; body: string }>

async function serve(): Promise<void> {
  let handler: Handler = async () => {
    throw new Error('The function is not started')
  }
  const server = createServer(async (request, response) => {
    const { method, url: rawPath, headers } = request
    const body = await text(request)
    try {
      // https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
      const answer = await handler({
        rawPath,
        headers,
        requestContext: { http: { method } },
        ...(body !== '' && { body }),
        isBase64Encoded: false,
      })
      response.writeHead(answer.statusCode, { ...answer.headers }).end(answer.body)
    } catch (error) {
      console.error(error)
      response.writeHead(502).end('{"message": "Internal Server Error"}')
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  process.on(
    'message',
    ({ bundle, environment }: { bundle: string; environment: Record<string, string> }) => {
      Object.assign(process.env, environment)
      handler = createRequire(import.meta.url)(bundle).handler
      process.send?.('started')
    },
  )
  process.send?.(server.address())
}

if (import.meta.main) await serve()
