import { execFile } from 'node:child_process'
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
      Metadata: z.object({ 'aws:cdk:path': z.string().optional() }).optional(),
    }),
  ),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.unknown() }).optional() }))
    .default({}),
})

/** https://docs.aws.amazon.com/cdk/v2/guide/deploy.html: what `cdk deploy` reads, too. */
const manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      dependencies: z.array(z.string()).default([]),
      properties: z
        .object({ templateFile: z.string(), stackName: z.string().optional() })
        .partial()
        .optional(),
    }),
  ),
})

const assetManifest = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string().optional() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
})

/** A CloudFormation template. */
export type Template = z.output<typeof template>

/** A synthesized stack. */
export interface Stack {
  name: string
  template: Template
  /** The directory of a file asset by its S3 key. */
  assetPath: (s3Key: string) => string
}

/**
 * Synthesizes the CDK app into `directory`, in a process of its own since this one must not know lib/.
 * @throws {Error} with what the app wrote to stderr
 */
export const synthesize = async (
  directory: string,
  context: Record<string, string>,
  signal: AbortSignal,
): Promise<void> => {
  try {
    await promisify(execFile)(process.execPath, ['bin/create-order.ts'], {
      cwd: join(import.meta.dirname, '..'),
      signal,
      env: { ...process.env, CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify(context) },
    })
  } catch (error) {
    if (signal.aborted) throw error
    throw new Error(`The CDK app does not synthesize:\n${(error as { stderr?: string }).stderr}`)
  }
}

const read = async <S extends z.ZodType>(schema: S, path: string): Promise<z.output<S>> =>
  schema.parse(JSON.parse(await readFile(path, 'utf8')))

/** The stacks of a cloud assembly, each after those it depends on. */
export const readAssembly = async (directory: string): Promise<Stack[]> => {
  const { artifacts } = await read(manifest, join(directory, 'manifest.json'))
  const order: string[] = []
  const visit = (id: string) => {
    const artifact = artifacts[id]
    if (artifact?.type !== 'aws:cloudformation:stack' || order.includes(id)) return
    artifact.dependencies.forEach(visit)
    order.push(id)
  }
  Object.keys(artifacts).forEach(visit)
  return Promise.all(
    order.map(async (id) => {
      const { templateFile = `${id}.template.json`, stackName = id } = artifacts[id]?.properties ?? {}
      const { files } = await read(assetManifest, join(directory, `${id}.assets.json`))
      return {
        name: stackName,
        template: await read(template, join(directory, templateFile)),
        assetPath: (s3Key) => {
          const asset = Object.values(files).find(({ destinations }) =>
            Object.values(destinations).some(({ objectKey }) => objectKey === s3Key),
          )
          if (!asset?.source.path) throw new Error(`${id} has no file asset ${s3Key}`)
          return join(directory, asset.source.path)
        },
      }
    }),
  )
}
