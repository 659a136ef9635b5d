import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

/** The cloud assemblies that the tests look at, by name, with the context that each is synthesized with. */
export const assemblies = {
  dev: { env: 'dev' },
  staging: { env: 'staging' },
  prod: { env: 'prod' },
  /** As the embedded cloud runs it: faster, with an issuer and vendors of its own. */
  fast: {
    env: 'dev',
    speed: '60',
    jwtIssuer: 'http://localhost:1/',
    jwtAudience: 'orders-api',
    vendorUrls: JSON.stringify({ carrier: 'http://localhost:2/', warehouse: 'http://localhost:3/' }),
  },
  /** As adopting-app.ts has it: with an existing bus, network and user pool. */
  adopted: { env: 'prod', own: 'bus network issuer' },
} as const

/** The app that each is synthesized from, where that is not the repository's own. */
export const apps: Partial<Record<string, string>> = { adopted: 'test/lib/adopting-app.ts' }

/** Folder of a cloud assembly. */
export const assemblyFolder = (name: string): string => join(root, 'cdk.out.test', name)

/**
 * Synthesizes an app as the cdk command would, in a process of its own.
 * @returns what it wrote to stderr
 * @throws {Error} with `stderr`, if the app does not synthesize
 */
export async function synthesize(
  context: Record<string, string>,
  folder: string,
  environment: Record<string, string> = {},
  app = 'bin/create-order.ts',
): Promise<string> {
  const { stderr } = await run(process.execPath, [app], {
    cwd: root,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      ...environment,
    },
  })
  return stderr
}
