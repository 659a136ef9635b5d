/**
 * Runs inside a function's process: loads its handler and calls it once per message of the parent. Its wire is Node's
 * IPC instead of Lambda's Runtime API; what the handler sees is the same.
 */
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** One invocation, parent to child. */
export interface InvokeMessage {
  requestId: string
  event: unknown
  deadline: number
  arn: string
  traceHeader: string
}

/** What the child tells the parent: that it is initialised, then how each invocation ended. */
export type RuntimeMessage = { type: 'ready' } | { type: 'result'; payload: unknown; error: boolean }

type Handler = (event: unknown, context: object) => unknown

const { LAMBDA_TASK_ROOT = '', _HANDLER = '', AWS_LAMBDA_FUNCTION_NAME = '' } = process.env

const send = (message: RuntimeMessage) => process.send?.(message)

const load = async (): Promise<Handler> => {
  const dot = _HANDLER.lastIndexOf('.')
  const [file, name] = [`${LAMBDA_TASK_ROOT}/${_HANDLER.slice(0, dot)}`, _HANDLER.slice(dot + 1)]
  const path = ['.js', '.mjs', '.cjs'].map((extension) => file + extension).find(existsSync)
  if (!path) throw new Error(`Runtime.ImportModuleError: Cannot find module '${file}'`)
  const loaded = await import(pathToFileURL(path).href)
  const handler = loaded[name] ?? loaded.default?.[name]
  if (typeof handler === 'function') return handler
  throw new Error(`Runtime.HandlerNotFound: ${_HANDLER} is undefined or not exported`)
}

const contextOf = ({ requestId, deadline, arn }: InvokeMessage) => ({
  awsRequestId: requestId,
  callbackWaitsForEmptyEventLoop: true,
  functionName: AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: '$LATEST',
  invokedFunctionArn: arn,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
})

const errorPayload = (error: unknown) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') }
    : { errorType: typeof error, errorMessage: String(error) }

// The parent decides when a function ends; Ctrl-C reaches the whole process group.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())

const handler = await load()
process.on('message', async (message: InvokeMessage) => {
  process.env._X_AMZN_TRACE_ID = message.traceHeader
  try {
    const payload = await handler(message.event, contextOf(message))
    send({ type: 'result', payload: payload ?? null, error: false })
  } catch (error) {
    console.error(JSON.stringify({ level: 'ERROR', message: 'Invoke Error', error: errorPayload(error) }))
    send({ type: 'result', payload: errorPayload(error), error: true })
  }
})
send({ type: 'ready' })
