import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from '@commander-js/extra-typings'
import * as z from 'zod'
import { copyShop } from '../test/package/shop.ts'

new Command('npm run install-size')
  .description(
    'Packs the package, installs it in a copy of examples/shop from the registry, and writes into docs/extending.md how much that is and how long it took.',
  )
  .parse()

/** npm's list of installed packages: https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#hidden-lockfiles */
const hiddenLockfile = z.object({
  packages: z.record(z.string(), z.object({ inBundle: z.boolean().optional() })),
})

/** Each kind of installation, with the flags of `npm install`. */
const purposes: [purpose: string, ...flags: string[]][] = [
  ['to synthesize and deploy', '--omit=dev', '--omit=optional'],
  ["and to run it on one's own machine", '--omit=dev'],
  ["and to develop: types, the CDK's command"],
]

const shop = await copyShop()
const modules = join(shop.folder, 'node_modules')

/** The total size of a folder's files, in megabytes (10^6 bytes). */
const megabytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) / 1e6

const rows: string[] = []
for (const [purpose, ...flags] of purposes) {
  rmSync(modules, { recursive: true, force: true })
  rmSync(join(shop.folder, 'package-lock.json'), { force: true })
  const startedAt = performance.now()
  await shop.command('npm', ['install', '--no-audit', '--no-fund', ...flags])
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const installed = hiddenLockfile.parse(
    JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')),
  )
  const cdk = ['aws-cdk-lib', '@aws-cdk'].reduce((sum, name) => sum + megabytesIn(join(modules, name)), 0)
  const figures = [
    // Packages bundled in aws-cdk-lib are counted as part of it.
    Object.values(installed.packages).filter(({ inBundle }) => !inBundle).length,
    Math.round(megabytesIn(modules)),
    Math.round(cdk),
    seconds,
  ]
  rows.push(`| ${purpose} | \`${['npm install', ...flags].join(' ')}\` | ${figures.join(' | ')} |`)
}
await shop.remove()

const table = `<!-- install -->
| what for | | packages | MB | of these aws-cdk-lib | seconds |
|---|---|---|---|---|---|
${rows.join('\n')}
<!-- /install -->`
const docs = join(import.meta.dirname, '..', 'docs', 'extending.md')
writeFileSync(docs, readFileSync(docs, 'utf8').replace(/<!-- install -->[\s\S]*<!-- \/install -->/, table))
console.log(table)
