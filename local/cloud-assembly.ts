import { exec } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'

const template = z.object({
  Parameters: z.record(z.string(), z.object({ Default: z.string().optional() })).default({}),
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.unknown(),
      Metadata: z.object({ 'aws:cdk:path': z.string(), 'aws:asset:path': z.string() }).partial().default({}),
    }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
})

const manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      dependencies: z.array(z.string()).default([]),
      properties: z.object({ templateFile: z.string(), stackName: z.string() }).partial().default({}),
    }),
  ),
})

/** A synthesized stack. */
export interface Stack {
  name: string
  template: z.output<typeof template>
  /** The cloud assembly's folder, which asset paths are relative to. */
  folder: string
}

/**
 * Synthesizes the CDK app of ./cdk.json into `folder`, in a separate process because local/ must not import lib/.
 * @throws {Error} if synthesis fails, with the app's stderr as the message
 */
export const synthesize = async (folder: string, context: object, signal: AbortSignal): Promise<void> => {
  const { app } = z.object({ app: z.string() }).parse(JSON.parse(await readFile('cdk.json', 'utf8')))
  try {
    await promisify(exec)(app, {
      signal,
      env: {
        ...process.env,
        CDK_OUTDIR: folder,
        CDK_CONTEXT_JSON: JSON.stringify(context),
        // Template validation triples the synthesis time and matters only for real deployments.
        CDK_VALIDATION: 'false',
      },
    })
  } catch (error) {
    signal.throwIfAborted()
    throw new Error(`The CDK app does not synthesize:\n${(error as { stderr?: string }).stderr}`)
  }
}

/** Reads the stacks of a cloud assembly; each comes after the stacks that it depends on. */
export const readAssembly = async (folder: string): Promise<Stack[]> => {
  const read = async <S extends z.ZodType>(schema: S, file: string): Promise<z.output<S>> =>
    schema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')))
  const { artifacts } = await read(manifest, 'manifest.json')
  const order = new Set<string>()
  const visit = (id: string) => {
    artifacts[id]?.dependencies.forEach(visit)
    if (artifacts[id]?.type === 'aws:cloudformation:stack') order.add(id)
  }
  Object.keys(artifacts).forEach(visit)
  return Promise.all(
    [...order].map(async (id) => {
      const { templateFile = '', stackName = id } = artifacts[id]?.properties ?? {}
      return { name: stackName, template: await read(template, templateFile), folder }
    }),
  )
}
