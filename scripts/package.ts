import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import * as z from 'zod'

new Command('npm run build')
  .description(
    "Builds the package in build/ for `npm pack ./build`: plain ES modules with types and source maps, and a package.json made of this repository's own.",
  )
  .parse()

/** Files that built modules read at run time, and files for readers of the package. */
const files = [
  'local/console/page',
  'openapi.json',
  'test/data/orders.jsonl',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
]

/** Dependencies of the constructs and the operator's tools, beyond those of the functions. */
const tools = [
  '@aws-sdk/client-cloudformation',
  '@aws-sdk/client-cloudwatch-logs',
  '@aws-sdk/client-cognito-identity-provider',
  '@aws-sdk/client-sts',
  '@commander-js/extra-typings',
  '@smithy/core',
  '@types/aws-lambda',
  'commander',
  'esbuild',
]
/** Dependencies of the embedded cloud only: `npm ci --omit=optional` leaves them out. */
const local = [
  '@cloud-copilot/iam-simulate',
  '@fastify/static',
  'aws4',
  'bootstrap',
  'dynalite',
  'fastify',
  'fauxqs',
  'htm',
  'jose',
  'preact',
  'swagger-ui-dist',
]
/** Packages that the application installs itself. `npm run try-package` succeeds with these versions and newer ones. */
const peerDependencies = { 'aws-cdk-lib': '^2.274.0', constructs: '^10.8.1' }

const versions = z.record(z.string(), z.string())
const root = z
  .object({ exports: versions, bin: versions, dependencies: versions, devDependencies: versions })
  .loose()
  .parse(JSON.parse(readFileSync('package.json', 'utf8')))
const { name, version, description, license, private: isPrivate, type } = root

const builtOf = (file: string, extension: string) => file.replace(/\.ts$/, extension)
const mapped = <From, To>(record: Record<string, From>, make: (value: From) => To) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, make(value)]))
const versionsOf = (names: readonly string[]) =>
  Object.fromEntries(names.map((each) => [each, root.devDependencies[each]]))

/**
 * Opens the types of steps and statuses to an application's own. tsc expands them where a schema uses them, with the
 * placeholder names of package/open-steps.d.ts; this replaces the placeholders by what the application declares.
 */
function withOwnSteps(declarations: string, domain: string): string {
  const own = `import("./${domain}/own-steps.js").OwnSteps`
  const names = { __own: `keyof ${own}`, __OWN: `${own}[keyof ${own}]` }
  return Object.entries(names).reduce(
    (text, [name, type]) =>
      text
        .replaceAll(
          new RegExp(
            `\\{((?:\\s*\\w+: "\\w+";)*)\\s*${name}: "${name}";((?:\\s*\\w+: "\\w+";)*)\\s*\\}`,
            'g',
          ),
          `({$1$2 } & { [Own in ${type}]: Own })`,
        )
        .replaceAll(`"${name}"`, type),
    declarations,
  )
}

rmSync('build', { recursive: true, force: true })
execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
for (const file of globSync('build/**/*.d.ts'))
  writeFileSync(
    file,
    withOwnSteps(readFileSync(file, 'utf8'), relative(dirname(file), 'build/lambdas/domain')),
  )
for (const path of files) cpSync(path, `build/${path}`, { recursive: true })
chmodSync('build/ops/orderctl.js', 0o755)
const manifest = {
  name,
  version,
  description,
  license,
  private: isPrivate,
  type,
  // The only modules with side effects on import; an application adds its own functions and lib/steps.ts.
  sideEffects: ['./lambdas/*.js', './ops/orderctl.js'],
  engines: { node: '>=24.2.0' },
  exports: mapped(root.exports, (file) => ({ types: builtOf(file, '.d.ts'), default: builtOf(file, '.js') })),
  bin: mapped(root.bin, (file) => builtOf(file, '.js')),
  dependencies: { ...root.dependencies, ...versionsOf(tools) },
  optionalDependencies: versionsOf(local),
  peerDependencies,
}
writeFileSync('build/package.json', `${JSON.stringify(manifest, undefined, 2)}\n`)
