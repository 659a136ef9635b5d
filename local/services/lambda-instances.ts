import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Activity } from '../activity.ts'
import { heapOptions } from './lambda-heap.ts'
import type { InvokeMessage, RuntimeMessage } from './lambda-runtime.ts'

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
const initTimeoutMs = 10_000
const runtime = fileURLToPath(new URL('lambda-runtime.ts', import.meta.url))

/** How an invocation ended; where the function threw, died or ran out of time, the payload says how. */
export interface Invoked {
  payload: unknown
  failed: boolean
}

/** A line that a function wrote. */
export interface LogLine {
  at: string
  function: string
  line: string
}

/** What a function's processes need. */
export interface PoolDeps {
  file: string
  arn: string
  folder: string
  environment: Record<string, string>
  concurrency: number
  timeoutMs: number
  memoryMb: number
  activity: Activity
  onLog: (line: string) => void
}

interface Invocation {
  message: Omit<InvokeMessage, 'deadline'>
  end: (result: Invoked) => void
}

interface Instance {
  child: ChildProcess
  ready: boolean
  /** Ends the invocation that it works on. */
  end?: (result: Invoked) => void
}

const failure = (errorType: string, errorMessage: string): Invoked => ({
  payload: { errorType, errorMessage },
  failed: true,
})

const errorOf = ({ failed, payload }: Invoked): string | undefined =>
  failed ? String((payload as { errorMessage?: string }).errorMessage) : undefined

/** The processes of one function: started when one is missing, used again, one invocation at a time each. */
export const createInstancePool = (deps: PoolDeps) => {
  const { file, arn, folder, environment, concurrency, timeoutMs, memoryMb, activity, onLog } = deps
  const waiting: Invocation[] = []
  const idle: Instance[] = []
  const instances = new Set<Instance>()

  const start = (): void => {
    const child = spawn(process.execPath, [...heapOptions(memoryMb), runtime], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const instance: Instance = { child, ready: false }
    instances.add(instance)
    const initTimer = setTimeout(() => child.kill('SIGKILL'), initTimeoutMs)
    for (const input of [child.stdout, child.stderr]) if (input) createInterface({ input }).on('line', onLog)
    child.on('message', (message: RuntimeMessage) => {
      if (message === 'ready') {
        instance.ready = true
        clearTimeout(initTimer)
      } else instance.end?.(message)
      if (instances.has(instance)) idle.push(instance)
      dispatch()
    })
    child.on('exit', (code, signal) => {
      clearTimeout(initTimer)
      instances.delete(instance)
      if (idle.includes(instance)) idle.splice(idle.indexOf(instance), 1)
      const how = signal ? `signal: ${signal}` : `exit status ${code}`
      const end = instance.ready ? instance.end : waiting.shift()?.end
      end?.(failure('Runtime.ExitError', `Runtime exited with error: ${how}`))
      dispatch()
    })
  }

  const run = (instance: Instance, { message, end }: Invocation): void => {
    const invocation = { function: file, arn, requestId: message.requestId }
    const startedAt = Date.now()
    activity.emit('happening', { type: 'invoke-start', ...invocation })
    instance.end = (result) => {
      clearTimeout(timer)
      delete instance.end
      const durationMs = Date.now() - startedAt
      const error = errorOf(result)
      activity.emit('happening', { type: 'invoke-end', ...invocation, durationMs, error })
      end(result)
    }
    const timer = setTimeout(() => {
      instances.delete(instance)
      instance.child.kill('SIGKILL')
      const message = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
      instance.end?.(failure('Sandbox.Timedout', message))
    }, timeoutMs)
    // A child that is just dying cannot take it; its exit then ends the invocation.
    instance.child.send({ ...message, deadline: startedAt + timeoutMs }, () => {})
  }

  const dispatch = (): void => {
    while (waiting.length && idle.length) run(idle.pop() as Instance, waiting.shift() as Invocation)
    const starting = [...instances].filter(({ ready }) => !ready).length
    const wanted = Math.min(waiting.length - starting, concurrency - instances.size)
    for (let i = 0; i < wanted; i += 1) start()
  }

  return {
    invoke: (event: unknown, traceHeader: string): Promise<Invoked> =>
      new Promise((resolve) => {
        const requestId = randomUUID()
        const end = (result: Invoked) => {
          const message = errorOf(result)
          if (message) onLog(JSON.stringify({ level: 'ERROR', message, requestId }))
          resolve(result)
        }
        waiting.push({ message: { requestId, event, arn, traceHeader }, end })
        dispatch()
      }),
    /** Kills the running processes; answers how many there were. */
    kill: (): number => {
      idle.length = 0
      for (const { child } of instances) child.kill('SIGKILL')
      return instances.size
    },
  }
}
