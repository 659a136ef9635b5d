/** Runs inside a function's process: loads its handler and calls it once per message of the parent. */
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** An invocation, sent from parent to child. */
export interface InvokeMessage {
  requestId: string
  event: unknown
  arn: string
  traceHeader: string
  deadline: number
}

/** Sent from child to parent: 'ready' once, then the result of each invocation. */
export type RuntimeMessage = 'ready' | { payload: unknown; failed: boolean }

const { LAMBDA_TASK_ROOT = '', _HANDLER = '', ...env } = process.env
const send = (message: RuntimeMessage) => process.send?.(message)

const load = async (): Promise<(event: unknown, context: object) => unknown> => {
  const [, file, name = ''] = /^(.*)\.(\w+)$/.exec(`${LAMBDA_TASK_ROOT}/${_HANDLER}`) ?? []
  const path = ['.js', '.mjs', '.cjs'].map((extension) => `${file}${extension}`).find(existsSync)
  if (!path) throw new Error(`Runtime.ImportModuleError: Cannot find module '${file}'`)
  const loaded = await import(pathToFileURL(path).href)
  const handler = loaded[name] ?? loaded.default?.[name]
  if (typeof handler === 'function') return handler
  throw new Error(`Runtime.HandlerNotFound: ${_HANDLER} is undefined or not exported`)
}

const contextOf = ({ requestId, arn, deadline }: InvokeMessage) => ({
  awsRequestId: requestId,
  functionName: env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
  invokedFunctionArn: arn,
  memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
})

const errorOf = (error: unknown) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') }
    : { errorType: typeof error, errorMessage: String(error) }

// Ctrl-C reaches the whole process group, but the parent decides when a function's process ends.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())

const handler = await load()
process.on('message', async (message: InvokeMessage) => {
  process.env._X_AMZN_TRACE_ID = message.traceHeader
  try {
    const payload = await handler(message.event, contextOf(message))
    send({ payload: payload ?? null, failed: false })
  } catch (error) {
    send({ payload: errorOf(error), failed: true })
  }
})
send('ready')
