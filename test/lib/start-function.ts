import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

/** What Lambda sets by itself. */
const ofLambda = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }

/** How a function took its environment. */
export interface Start {
  /** Why it did not start. */
  error?: string
  /** The variables that it was given and did not read. */
  unread: string[]
}

/** A function's variables as its process gets them. */
export const resolvedVariables = (variables: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, resolved(value)]))

/** A value of a template as text, with a stand-in for what only AWS can fill in. */
export function resolved(value: unknown): string {
  if (typeof value === 'string') return value
  const { 'Fn::Join': join } = value as { 'Fn::Join'?: [string, unknown[]] }
  return join ? join[1].map(resolved).join(join[0]) : 'stand-in'
}

/** Starts a function from its bundle, in a process of its own, with these variables and no others. */
export async function startFunction(file: string, variables: Record<string, string>): Promise<Start> {
  const input = JSON.stringify({ file, variables })
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, input])
  return JSON.parse(stdout)
}

function start({ file, variables }: { file: string; variables: Record<string, string> }): Start {
  const read = new Set<string | symbol>()
  process.env = new Proxy<Record<string, string>>(
    { ...ofLambda, ...variables },
    {
      get(target, key) {
        read.add(key)
        return Reflect.get(target, key)
      },
      ownKeys() {
        throw new Error('Whoever lists the environment reads it all, and nobody could tell what is needed')
      },
    },
  )
  try {
    const { handler } = createRequire(import.meta.url)(file)
    if (typeof handler !== 'function') throw new Error(`${file} exports no handler`)
    return { unread: Object.keys(variables).filter((name) => !read.has(name)) }
  } catch (error) {
    return { error: String(error), unread: [] }
  }
}

if (import.meta.main) console.log(JSON.stringify(start(JSON.parse(process.argv[2] ?? ''))))
