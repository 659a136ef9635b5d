import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { createRing } from '../activity.ts'
import type { Credentials } from '../iam.ts'
import { arnOf, nameOf, region, resource, shortened } from './aws-service.ts'
import { createInstancePool, type Invoked, type LogLine, type PoolDeps } from './lambda-instances.ts'

/** A deployed function. */
export interface LambdaFunction {
  name: string
  /** The handler's file name, such as `logistics-worker`. */
  file: string
  path: string
  arn: string
  roleArn: string
  concurrency: number
  /** Invokes the function, and waits for an instance if all are busy. */
  invoke: (event: unknown, traceHeader?: string) => Promise<Invoked>
  kill: () => number
  retire: () => void
}

export type Lambda = ReturnType<typeof createLambda>

/** Lambda starts an instance for each concurrent request; here each is a process of 120 MB. */
const maxInstances = 4

/** Node's default port; further functions of the same file use the following ports. */
const debuggerPort = 9229

const definition = {
  Handler: z.string(),
  Runtime: z.string().startsWith('nodejs', 'only Node.js is emulated'),
  Role: z.string(),
  MemorySize: z.int().default(128),
  Timeout: z.int().default(3),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }).optional(),
  ReservedConcurrentExecutions: z.int().default(maxInstances),
}

/** A new trace header in X-Ray's format. */
export const newTrace = () => {
  const seconds = Math.floor(Date.now() / 1000).toString(16)
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=1`
}

/** Runs functions in child processes, each with its own environment, memory limit and time-out. */
export const createLambda = (
  deps: Pick<PoolDeps, 'activity'> & {
    endpoint: string
    /** The function's credentials, by which the AWS endpoint identifies the caller. */
    credentialsOf: (name: string, roleArn: string) => Required<Credentials>
    onLog: (line: LogLine) => void
    /** The handler file whose functions open a debugger port. */
    inspect?: string | undefined
  },
) => {
  const { endpoint, activity, credentialsOf, onLog, inspect } = deps
  const functions = new Map<string, LambdaFunction>()
  const logs = createRing<LogLine>(10_000)
  const log = (of: string, line: string): LogLine => {
    const entry = { at: new Date().toISOString(), function: of, line }
    logs.push(entry)
    return entry
  }

  return {
    resources: {
      'AWS::Lambda::Function': resource(
        definition,
        'Code Architectures LoggingConfig TracingConfig',
        ({ Handler, Role: roleArn, ...properties }, { name: longName, path, assetPath }) => {
          const name = shortened(longName, 64)
          const [file, arn] = [Handler.replace(/\.\w+$/, ''), arnOf('lambda', `function:${name}`)]
          const concurrency = Math.min(properties.ReservedConcurrentExecutions, maxInstances)
          const { accessKeyId, secretAccessKey, sessionToken } = credentialsOf(name, roleArn)
          const known = functions.get(name)
          const inspected = [...functions.values()].filter((each) => each.file === inspect && each !== known)
          const pool = createInstancePool({
            file,
            arn,
            concurrency,
            activity,
            folder: assetPath,
            timeoutMs: properties.Timeout * 1000,
            memoryMb: properties.MemorySize,
            inspectPort: file === inspect ? debuggerPort + inspected.length : undefined,
            onLog: (line) => onLog(log(file, line)),
            // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
            environment: {
              ...properties.Environment?.Variables,
              AWS_ACCESS_KEY_ID: accessKeyId,
              AWS_SECRET_ACCESS_KEY: secretAccessKey,
              AWS_SESSION_TOKEN: sessionToken,
              AWS_ENDPOINT_URL: endpoint,
              AWS_REGION: region,
              AWS_DEFAULT_REGION: region,
              AWS_EXECUTION_ENV: `AWS_Lambda_${properties.Runtime}`,
              AWS_LAMBDA_FUNCTION_NAME: name,
              AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
              AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(properties.MemorySize),
              AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
              LAMBDA_TASK_ROOT: assetPath,
              _HANDLER: Handler,
              TZ: ':UTC',
            },
          })
          const invoke = (event: unknown, trace = newTrace()) => pool.invoke(event, trace)
          known?.retire()
          // Update the object in place, so that everything that refers to the function uses its new pool.
          const fresh = { name, file, path, arn, roleArn, concurrency, ...pool, invoke }
          functions.set(name, Object.assign(known ?? {}, fresh))
          return { ref: name, attributes: { Arn: arn } }
        },
      ),
    },
    functions: () => [...functions.values()],
    get: (nameOrArn: string): LambdaFunction => {
      const found = functions.get(nameOf(nameOrArn))
      if (!found) throw new Error(`There is no function ${nameOrArn}.`)
      return found
    },
    log,
    logs,
    close: () => {
      for (const { kill } of functions.values()) kill()
    },
  }
}
