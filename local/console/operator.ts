import { execFile } from 'node:child_process'
import { join, parse } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'

const orderctl = join(import.meta.dirname, '..', '..', 'ops', `orderctl${parse(import.meta.filename).ext}`)

const argument = z
  .string()
  .max(300)
  .regex(/^(?!--$|--env)/, 'only this cloud')
/** An `orderctl` command that the page may run. */
const request = z.strictObject({ tool: z.enum(['dlq', 'order', 'vendor']), args: z.array(argument).max(12) })

const refusal = z.object({ error: z.object({ message: z.string() }) })
const printed = z.object({ stdout: z.string(), stderr: z.string() })

/** Runs `orderctl` against this cloud, so that the page's buttons do the same as the command line. */
export const createOperator = (endpoint: string) => {
  const run = promisify(execFile)
  // The minimal environment keeps the developer's AWS credentials and profile out of the command.
  const env = { PATH: process.env.PATH, AWS_ENDPOINT_URL: endpoint }

  /** @throws {Error} if the command fails, with its own error message */
  return async (body: unknown): Promise<unknown> => {
    const { tool, args } = request.parse(body)
    const command = [orderctl, tool, ...args, '--env=local', '--json']
    const { stdout } = await run(process.execPath, command, { env }).catch((error) => {
      const { stdout, stderr } = printed.parse(error)
      const said = refusal.safeParse(JSON.parse(stdout || '{}'))
      throw new Error(said.data?.error.message ?? stderr, { cause: error })
    })
    return JSON.parse(stdout)
  }
}
