import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import * as z from 'zod'

const root = join(import.meta.dirname, '..')

/** What the layers allow and refuse, at every depth of a folder. */
const imports = [
  ['lambdas/get-order.ts', 'may', './runtime/env.ts'],
  ['lambdas/get-order.ts', 'may not', './create-order.ts'],
  ['lambdas/get-order.ts', 'may not', '../lib/settings.ts'],
  ['lambdas/runtime/env.ts', 'may', '../application/relay.ts'],
  ['lambdas/runtime/env.ts', 'may not', '../get-order.ts'],
  ['lambdas/runtime/env.ts', 'may not', '../../lib/settings.ts'],
  ['lambdas/application/relay.ts', 'may', '../adapters/lease.ts'],
  ['lambdas/application/relay.ts', 'may not', '../runtime/env.ts'],
  ['lambdas/application/relay/sending.ts', 'may', '../../adapters/lease.ts'],
  ['lambdas/application/relay/sending.ts', 'may not', '../../runtime/env.ts'],
  ['lambdas/application/relay/sending.ts', 'may not', '../../get-order.ts'],
  ['lambdas/application/relay/sending.ts', 'may not', '../../../lib/settings.ts'],
  ['lambdas/adapters/lease.ts', 'may', '../domain/order.ts'],
  ['lambdas/adapters/lease.ts', 'may not', '../application/relay.ts'],
  ['lambdas/adapters/lease.ts', 'may not', '../../lib/settings.ts'],
  ['lambdas/domain/order.ts', 'may', './chain.ts'],
  ['lambdas/domain/order.ts', 'may not', '../adapters/lease.ts'],
  ['lib/settings.ts', 'may', '../lambdas/domain/chain.ts'],
  ['lib/settings.ts', 'may not', '../lambdas/domain/order.ts'],
  ['lib/settings.ts', 'may not', '../lambdas/get-order.ts'],
  ['lib/settings.ts', 'may not', '../local/cloud.ts'],
  ['lib/api/orders-api.ts', 'may', '../../lambdas/runtime/env.ts'],
  ['lib/api/orders-api.ts', 'may', '../../lambdas/runtime/relay-env.ts'],
  ['lib/api/orders-api.ts', 'may not', '../../lambdas/runtime/telemetry.ts'],
  ['lib/api/orders-api.ts', 'may not', '../../lambdas/adapters/lease.ts'],
  ['lib/api/orders-api.ts', 'may not', '../../lambdas/application/relay/sending.ts'],
  ['lib/api/orders-api.ts', 'may not', '../../lambdas/get-order.ts'],
  ['lib/api/orders-api.ts', 'may not', '../../local/cloud.ts'],
  ['local/cloud.ts', 'may', './iam.ts'],
  ['local/cloud.ts', 'may not', '../lambdas/domain/chain.ts'],
  ['local/services/sqs.ts', 'may not', '../../lambdas/domain/chain.ts'],
  ['local/services/sqs.ts', 'may not', '../../lib/settings.ts'],
  ['local/console/page/place.js', 'may not', '../../../lambdas/domain/chain.ts'],
  ['vendors/easypost/fake.ts', 'may', '../faults.ts'],
  ['vendors/easypost/fake.ts', 'may not', '../../lambdas/domain/chain.ts'],
  ['vendors/easypost/fake.ts', 'may not', '../../lib/settings.ts'],
  ['vendors/contract/fake.ts', 'may not', '../../local/http.ts'],
  ['vendors/easypost/client.ts', 'may', './options.ts'],
  ['vendors/easypost/client.ts', 'may', '../../lambdas/adapters/vendor-client.ts'],
  ['vendors/easypost/client.ts', 'may', '../../lambdas/domain/order.ts'],
  ['vendors/easypost/client.ts', 'may not', './fake.ts'],
  ['vendors/easypost/client.ts', 'may not', '../../lambdas/runtime/env.ts'],
  ['vendors/easypost/client.ts', 'may not', '../../lambdas/application/relay.ts'],
  ['vendors/easypost/client.ts', 'may not', '../../lib/settings.ts'],
  ['vendors/easypost/client.ts', 'may not', '../../local/http.ts'],
] as const

/** A file of its own beside the real one, since two cases may share it; a client is one by its name. */
const fileOf = (index: number, file: string) =>
  file.endsWith('/client.ts')
    ? file.replace('/client.ts', `-${index}/client.ts`)
    : file.replace(/\.(ts|js)$/, `-${index}.$1`)

const lintReport = z.object({
  diagnostics: z.array(
    z.object({
      category: z.literal('lint/style/noRestrictedImports'),
      location: z.object({ path: z.string() }),
    }),
  ),
})

let folder: string
let refused: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layers-'))
  for (const file of ['biome.json', '.gitignore']) await copyFile(join(root, file), join(folder, file))
  for (const [index, [file, , from]] of imports.entries()) {
    const path = join(folder, fileOf(index, file))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `export { x } from '${from}'\n`)
  }
  const options = ['--only=style/noRestrictedImports', '--max-diagnostics=none', '--reporter=json']
  const report = await new Promise<string>((resolve) => {
    // It ends with an error, since it refuses some of them.
    execFile(join(root, 'node_modules/.bin/biome'), ['lint', ...options], { cwd: folder }, (_error, stdout) =>
      resolve(stdout),
    )
  })
  refused = lintReport.parse(JSON.parse(report)).diagnostics.map(({ location }) => location.path)
})

afterAll(() => rm(folder, { recursive: true }))

test.each(imports.map((entry, index) => [...entry, index] as const))(
  '%s %s import %s',
  (file, may, _from, index) => {
    expect(refused.includes(fileOf(index, file)) ? 'may not' : 'may').toBe(may)
  },
)
