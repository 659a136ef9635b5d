import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join, parse } from 'node:path'
import { createInterface } from 'node:readline'
import type { Activity } from '../activity.ts'
import type { InvokeMessage, RuntimeMessage } from './lambda-runtime.ts'

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
const initTimeoutMs = 10_000
/** Every instance but one ends after being idle for this long; on AWS this takes some minutes. */
const idleMs = 60_000
/** A function's time-out while it is being debugged. */
const debuggingMs = 24 * 3_600_000
const runtime = join(import.meta.dirname, `lambda-runtime${parse(import.meta.filename).ext}`)

/**
 * The heap options of Lambda's nodejs24.x for a memory size in MB: nine tenths for the old generation, a twentieth for
 * the young one with its three semi-spaces. https://dev.to/wonderfulsoap/deep-dive-into-aws-lambda-3-official-nodejs-runtime-analysis-43je
 */
export const heapOptions = (memoryMb: number): string[] => {
  const tenth = Math.floor(memoryMb / 10)
  return [`--max-old-space-size=${memoryMb - tenth}`, `--max-semi-space-size=${Math.floor(tenth / 6)}`]
}

/** An invocation's result. If the function threw, crashed or timed out, the payload is Lambda's error object. */
export interface Invoked {
  payload: unknown
  failed: boolean
}

/** A line of a function's output. */
export interface LogLine {
  at: string
  function: string
  line: string
}

/** Options of a function's processes. */
export interface PoolDeps {
  file: string
  arn: string
  folder: string
  environment: Record<string, string>
  concurrency: number
  timeoutMs: number
  memoryMb: number
  /** The debugger's port. If it is set, the function has one process and time-outs of a day. */
  inspectPort: number | undefined
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
  isRetired?: true
  idleTimer?: NodeJS.Timeout
  /** Ends the current invocation. */
  end?: (result: Invoked) => void
}

const failure = (errorType: string, errorMessage: string): Invoked => ({
  payload: { errorType, errorMessage },
  failed: true,
})

const errorOf = ({ failed, payload }: Invoked): string | undefined =>
  failed ? String((payload as { errorMessage?: string }).errorMessage) : undefined

/** One function's processes. They are started on demand and reused, and handle one invocation at a time. */
export const createInstancePool = (deps: PoolDeps) => {
  const { file, arn, folder, environment, memoryMb, inspectPort, activity, onLog } = deps
  const { concurrency, timeoutMs } = inspectPort ? { concurrency: 1, timeoutMs: debuggingMs } : deps
  const debugging = inspectPort ? [`--inspect=127.0.0.1:${inspectPort}`, '--enable-source-maps'] : []
  const waiting: Invocation[] = []
  const idle: Instance[] = []
  const instances = new Set<Instance>()

  const endInstance = (instance: Instance): void => {
    instances.delete(instance)
    if (idle.includes(instance)) idle.splice(idle.indexOf(instance), 1)
    // A process with a debugger attached does not exit on disconnect.
    if (inspectPort) instance.child.kill('SIGKILL')
    else if (instance.child.connected) instance.child.disconnect()
  }

  const rest = (instance: Instance): void => {
    idle.push(instance)
    instance.idleTimer = setTimeout(() => instances.size > 1 && endInstance(instance), idleMs).unref()
  }

  const start = (): void => {
    const child = spawn(process.execPath, [...debugging, ...heapOptions(memoryMb), runtime], {
      cwd: folder,
      // On Lambda each instance has its own memory. Here all share one machine's, so malloc is limited to one arena.
      env: { ...environment, MALLOC_ARENA_MAX: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const instance: Instance = { child, ready: false }
    instances.add(instance)
    const initTimer = setTimeout(() => child.kill('SIGKILL'), inspectPort ? debuggingMs : initTimeoutMs)
    for (const input of [child.stdout, child.stderr]) if (input) createInterface({ input }).on('line', onLog)
    child.on('message', (message: RuntimeMessage) => {
      if (message === 'ready') {
        instance.ready = true
        clearTimeout(initTimer)
      } else instance.end?.(message)
      instance.isRetired ? endInstance(instance) : rest(instance)
      dispatch()
    })
    child.on('exit', (code, signal) => {
      clearTimeout(initTimer)
      endInstance(instance)
      const how = signal ? `signal: ${signal}` : `exit status ${code}`
      const end = instance.ready ? instance.end : waiting.shift()?.end
      end?.(failure('Runtime.ExitError', `Runtime exited with error: ${how}`))
      dispatch()
    })
  }

  const run = (instance: Instance, { message, end }: Invocation): void => {
    clearTimeout(instance.idleTimer)
    const invocation = { function: file, arn, requestId: message.requestId }
    const startedAt = Date.now()
    activity.emit('activity', { type: 'invoke-start', ...invocation })
    instance.end = (result) => {
      clearTimeout(timer)
      delete instance.end
      const durationMs = Date.now() - startedAt
      const error = errorOf(result)
      activity.emit('activity', { type: 'invoke-end', ...invocation, durationMs, error })
      end(result)
    }
    const timer = setTimeout(() => {
      instances.delete(instance)
      instance.child.kill('SIGKILL')
      const message = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
      instance.end?.(failure('Sandbox.Timedout', message))
    }, timeoutMs)
    // Sending to an exiting child fails; its exit event then ends the invocation.
    instance.child.send({ ...message, deadline: startedAt + timeoutMs }, () => {})
  }

  const dispatch = (): void => {
    while (waiting.length && idle.length) run(idle.pop() as Instance, waiting.shift() as Invocation)
    const isStarting = [...instances].some(({ ready }) => !ready)
    // Start one at a time: on a laptop's few cores the first is ready sooner, and may be enough.
    if (waiting.length && instances.size < concurrency && !isStarting) start()
  }

  if (inspectPort) start()
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
    /** Makes new invocations use new processes, with the current code; running invocations finish in the old ones. */
    retire: (): void => {
      for (const instance of instances) {
        instance.isRetired = true
        // Only one process can have the debugger's port.
        if (!inspectPort) instances.delete(instance)
      }
      idle.slice().forEach(endInstance)
      dispatch()
    },
    /** Kills the running processes and returns their number. */
    kill: (): number => {
      idle.length = 0
      for (const { child } of instances) child.kill('SIGKILL')
      return instances.size
    },
  }
}
