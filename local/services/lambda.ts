import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { createRing, type Report } from '../activity.ts'
import { arnOf, type Deploy, region, resource } from './aws-service.ts'
import type { InvokeMessage, RuntimeMessage } from './lambda-runtime.ts'

/** Lambda would start as many instances as there are requests; each is a process of 80 MB here. */
const maxInstances = 4
/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
const initTimeoutMs = 10_000
const runtime = fileURLToPath(new URL('lambda-runtime.ts', import.meta.url))

/** How an invocation ended. */
export interface Invoked {
  payload: unknown
  /** The function failed: it threw, was killed or ran out of time. The payload says how. */
  failed: boolean
}

/** A function of the template. */
export interface LambdaFunction {
  name: string
  /** The file of its handler: `logistics-worker`. */
  file: string
  arn: string
  roleArn: string
  /** How many invocations it takes at a time. */
  concurrency: number
  /** Invokes it; waits for an instance where all are busy. */
  invoke: (event: unknown, traceHeader?: string) => Promise<Invoked>
  /** Kills its running processes; answers how many there were. */
  kill: () => number
}

/** A line that a function wrote. */
export interface LogLine {
  at: string
  function: string
  line: string
}

/** Lambda: functions in processes of their own. */
export interface Lambda {
  resources: Record<string, Deploy>
  functions: () => LambdaFunction[]
  /** By name, ARN, or the ARN of an alias or version. */
  get: (nameOrArn: string) => LambdaFunction
  logs: () => LogLine[]
  close: () => void
}

interface Invocation {
  message: Omit<InvokeMessage, 'deadline'>
  end: (result: Invoked) => void
}

const noEffect = z.unknown().optional()
const definition = z.strictObject({
  FunctionName: z.string().optional(),
  Handler: z.string(),
  Code: z.object({ S3Key: z.string() }),
  Runtime: z.string().startsWith('nodejs'),
  Role: z.string(),
  MemorySize: z.int().default(128),
  Timeout: z.int().default(3),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).optional(),
  ReservedConcurrentExecutions: z.int().optional(),
  Architectures: noEffect,
  Description: noEffect,
  LoggingConfig: noEffect,
  TracingConfig: noEffect,
  Tags: noEffect,
})

const newTraceHeader = () => {
  const [time, id] = [Math.floor(Date.now() / 1000).toString(16), randomBytes(12).toString('hex')]
  return `Root=1-${time}-${id};Parent=${randomBytes(8).toString('hex')};Sampled=1`
}

/** Lambda in child processes: their own environment, memory limit and time-out; killable at any moment. */
export const createLambda = (deps: {
  endpoint: string
  report: Report
  /** The access key by which the endpoint knows who calls. */
  accessKeyOf: (name: string, roleArn: string) => string
  onLog: (line: LogLine) => void
}): Lambda => {
  const { endpoint, report, accessKeyOf, onLog } = deps
  const functions = new Map<string, LambdaFunction>()
  const processes = new Set<ChildProcess>()
  const logs = createRing<LogLine>(50_000)

  const create = (
    properties: z.output<typeof definition>,
    name: string,
    codePath: string,
  ): LambdaFunction => {
    const { Handler, MemorySize, Timeout, Role, ReservedConcurrentExecutions = maxInstances } = properties
    const file = Handler.slice(0, Handler.lastIndexOf('.'))
    const arn = arnOf('lambda', `function:${name}`)
    const concurrency = Math.min(ReservedConcurrentExecutions, maxInstances)
    const environment = {
      ...properties.Environment?.Variables,
      AWS_ACCESS_KEY_ID: accessKeyOf(name, Role),
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${properties.Runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
      LAMBDA_TASK_ROOT: codePath,
      _HANDLER: Handler,
      TZ: ':UTC',
    }
    const waiting: Invocation[] = []
    const idle: Instance[] = []
    const instances = new Set<Instance>()
    let starting = 0

    const log = (line: string) => {
      const entry = { at: new Date().toISOString(), function: file, line }
      logs.push(entry)
      onLog(entry)
    }

    interface Instance {
      child: ChildProcess
      current?: (error: string) => void
      settle?: (message: RuntimeMessage) => void
    }

    const start = (): void => {
      starting += 1
      const child = spawn(process.execPath, [`--max-old-space-size=${MemorySize}`, runtime], {
        cwd: codePath,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      })
      const instance: Instance = { child }
      let ready = false
      instances.add(instance)
      processes.add(child)
      for (const stream of [child.stdout, child.stderr] as Readable[])
        createInterface({ input: stream }).on('line', log)
      const initTimer = setTimeout(() => child.kill('SIGKILL'), initTimeoutMs)
      const isReady = () => {
        ready = true
        starting -= 1
        clearTimeout(initTimer)
      }
      child.on('message', (message: RuntimeMessage) => {
        if (message.type === 'ready') isReady()
        else instance.settle?.(message)
        if (!instances.has(instance)) return
        idle.push(instance)
        dispatch()
      })
      child.on('exit', (code, signal) => {
        instances.delete(instance)
        processes.delete(child)
        if (idle.includes(instance)) idle.splice(idle.indexOf(instance), 1)
        const reason = `Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${code}`}`
        if (ready) instance.current?.(reason)
        else {
          isReady()
          waiting.shift()?.end(failure('Runtime.ExitError', reason))
        }
        dispatch()
      })
    }

    const failure = (errorType: string, errorMessage: string): Invoked => ({
      payload: { errorType, errorMessage },
      failed: true,
    })

    const run = (instance: Instance, { message, end }: Invocation): void => {
      const { requestId } = message
      const startedAt = Date.now()
      report({ type: 'invoke-start', function: file, requestId })
      const settle = (result: Invoked, error?: string) => {
        clearTimeout(timer)
        delete instance.current
        delete instance.settle
        const durationMs = Date.now() - startedAt
        report({ type: 'invoke-end', function: file, requestId, durationMs, ...(error && { error }) })
        end(result)
      }
      const fail = (type: string, error: string) => {
        log(JSON.stringify({ level: 'ERROR', message: `RequestId: ${requestId} Error: ${error}` }))
        settle(failure(type, `RequestId: ${requestId} Error: ${error}`), error)
      }
      const timer = setTimeout(() => {
        instances.delete(instance)
        instance.child.kill('SIGKILL')
        fail('Sandbox.Timedout', `Task timed out after ${Timeout.toFixed(2)} seconds`)
      }, Timeout * 1000)
      instance.current = (error) => fail('Runtime.ExitError', error)
      instance.settle = (message) => {
        if (message.type !== 'result') return
        const error = message.error ? (message.payload as { errorMessage: string }).errorMessage : undefined
        settle({ payload: message.payload, failed: message.error }, error)
      }
      const invocation: InvokeMessage = { ...message, deadline: startedAt + Timeout * 1000 }
      // A child that is just dying cannot take it; its exit event then fails the invocation.
      instance.child.send(invocation, () => {})
    }

    const dispatch = (): void => {
      while (waiting.length) {
        const instance = idle.pop()
        if (!instance) break
        run(instance, waiting.shift() as Invocation)
      }
      while (starting < waiting.length && instances.size < concurrency) start()
    }

    return {
      name,
      file,
      arn,
      roleArn: Role,
      concurrency,
      invoke: (event, traceHeader = newTraceHeader()) =>
        new Promise((end) => {
          waiting.push({ message: { requestId: randomUUID(), event, arn, traceHeader }, end })
          dispatch()
        }),
      kill: () => {
        idle.length = 0
        for (const { child } of instances) child.kill('SIGKILL')
        return instances.size
      },
    }
  }

  return {
    resources: {
      'AWS::Lambda::Function': resource(definition, (properties, { name, assetPath }) => {
        const functionName = properties.FunctionName ?? name.slice(0, 64)
        const lambda = create(properties, functionName, assetPath(properties.Code.S3Key))
        functions.set(functionName, lambda)
        return { ref: functionName, attributes: { Arn: lambda.arn } }
      }),
    },
    functions: () => [...functions.values()],
    get: (nameOrArn) => {
      const name = nameOrArn.replace(/^.*:function:/, '').replace(/:.*$/, '')
      const found = functions.get(name)
      if (!found) throw new Error(`There is no function ${nameOrArn}.`)
      return found
    },
    logs: logs.list,
    close: () => {
      for (const child of processes) child.kill('SIGKILL')
    },
  }
}
