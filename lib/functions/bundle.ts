import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { build } from 'esbuild'
import { slimSdk } from '../slim-sdk/plugin.ts'

const root = join(import.meta.dirname, '..', '..')

/** The folder with a function's bundle: `<name>.cjs` and its source map. */
export const bundleFolder = (name: string): string => join(root, 'dist', name)

/** Bundles each file in lambdas/. One esbuild call takes a quarter of the time. Throws what esbuild finds. */
export async function bundleFunctions(): Promise<void> {
  const names = readdirSync(join(root, 'lambdas'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => basename(file, '.ts'))
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: `lambdas/${name}.ts`, out: `${name}/${name}` })),
    outdir: 'dist',
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    // CJS initialises 20–30 ms faster than ESM, and .cjs since `"type": "module"` would make .js export nothing.
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // The packages' ES modules can be tree-shaken: 40 % smaller bundles.
    mainFields: ['module', 'main'],
    plugins: [slimSdk],
    // The SDK's warning for older versions of Node.js is left out.
    define: { 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"' },
    legalComments: 'none',
    sourcemap: true,
    sourcesContent: false,
    write: false,
    logLevel: 'error',
  })
  for (const { path, contents } of outputFiles) writeIfChanged(path, contents)
}

/** Another synth may be reading the folder at the same time: it sees the whole file, old or new. */
function writeIfChanged(path: string, contents: Uint8Array): void {
  if (existsSync(path) && readFileSync(path).equals(contents)) return
  mkdirSync(dirname(path), { recursive: true })
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, contents)
  renameSync(unfinished, path)
}
