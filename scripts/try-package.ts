import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import * as z from 'zod'
import { startCloud } from '../test/e2e/cloud.ts'
import { copyShop } from '../test/package/shop.ts'
import { optionsOf } from './options.ts'

const { lowest } = optionsOf(
  new Command('node scripts/try-package.ts')
    .description(
      'Packs the package, installs it from the registry in a copy of examples/shop, type-checks and synthesizes it, runs an order to the end, and runs its tests. It uses the newest versions that the package allows, or the oldest.',
    )
    .option('--lowest', 'use the lowest versions of Node.js, the CDK, the SDK and what functions import'),
)

const ranges = z.record(z.string(), z.string())
const manifest = z.object({
  engines: z.object({ node: z.string() }),
  dependencies: ranges,
  peerDependencies: ranges,
})

const shop = await copyShop()
const { folder, orderctl, command } = shop

/** Runs a part and prints how long it took. */
async function part<T>(name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const done = await work()
  console.log(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  return done
}

function lowestVersions(): string[] {
  const file = join(folder, 'node_modules', 'create-order', 'package.json')
  const { engines, dependencies, peerDependencies } = manifest.parse(JSON.parse(readFileSync(file, 'utf8')))
  const allowed = { ...dependencies, ...peerDependencies, node: engines.node }
  return Object.entries(allowed).map(([name, range]) => `${name}@${range.replace(/^[\^>=]+/, '')}`)
}

await part('npm install', () => command('npm', ['install', '--no-audit', '--no-fund']))
await part('npm install of other versions', () =>
  command('npm', ['install', '--no-audit', '--no-fund', ...(lowest ? lowestVersions() : ['node@latest'])]),
)
const printed = async (...code: string[]) => (await command('node', code)).trim()
console.log(`Node.js ${await printed('--version')}`)
for (const name of ['aws-cdk-lib', '@aws-sdk/client-dynamodb', 'zod'])
  console.log(`${name} ${await printed('-p', `require('${name}/package.json').version`)}`)
await part('tsc', () => command('tsc', []))
await part('cdk synth', () => command('cdk', ['synth', '--quiet']))
const node = join(folder, 'node_modules', '.bin', 'node')
const cloud = await part('orderctl start', () => startCloud({ speed: 20, folder, orderctl, node }))
try {
  const { port } = new URL(cloud.url)
  await part('an order', () => command('node', [orderctl, 'demo', '--port', port]))
} finally {
  await cloud.stop()
}
await part('npm test', () => command('npm', ['test']))
await shop.remove()
