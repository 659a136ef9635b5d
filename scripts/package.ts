import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import * as z from 'zod'

new Command('npm run build')
  .description(
    'Builds the package in build/ for `npm pack ./build`: plain ES modules with types and source maps, and a package.json made of this repository’s own.',
  )
  .parse()

/** Files that built modules read where they lie beside them in the repository, and what a reader looks for. */
const files = [
  'local/console/page',
  'openapi.json',
  'test/data/orders.jsonl',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
]

/** What the constructs and the operator's tools need besides what the functions import. */
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
/** What only the embedded cloud needs: `npm ci --omit=optional` leaves it out. */
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
/** What an application has itself: from the oldest versions on with which `npm run try-package` succeeds. */
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
 * tsc writes the names of steps and statuses out where they stand in a schema, among them those of
 * package/open-steps.d.ts: in their places come those that an application has declared.
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
  // The function files and lib/steps.ts of an application are the only modules that do something by being imported.
  sideEffects: ['./lambdas/*.js', './ops/orderctl.js'],
  engines: { node: '>=24.2.0' },
  exports: mapped(root.exports, (file) => ({ types: builtOf(file, '.d.ts'), default: builtOf(file, '.js') })),
  bin: mapped(root.bin, (file) => builtOf(file, '.js')),
  dependencies: { ...root.dependencies, ...versionsOf(tools) },
  optionalDependencies: versionsOf(local),
  peerDependencies,
}
writeFileSync('build/package.json', `${JSON.stringify(manifest, undefined, 2)}\n`)
