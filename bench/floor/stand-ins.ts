import { build } from 'esbuild'
import { slimSdkWith, standIns } from '../../lib/slim-sdk/plugin.ts'
import { progress } from '../report/progress.ts'
import { number, type Row } from '../report/row.ts'
import { stockBundle } from './bundles.ts'

const part = '3 floor, cold'

/** The size of create-order's bundle with these parts of the SDK replaced, in KiB. */
async function sizeWith(replaced: Record<string, string>): Promise<number> {
  const { outputFiles } = await build({
    ...stockBundle,
    entryPoints: ['lambdas/create-order.ts'],
    plugins: [slimSdkWith(replaced)],
    write: false,
  })
  return (outputFiles[0]?.contents.byteLength ?? 0) / 1024
}

/** What each stand-in of lib/slim-sdk saves of create-order's bundle, one after the other. */
export async function measureStandIns(): Promise<Row[]> {
  progress(`${part}: stand-ins`)
  const replaced: Record<string, string> = {}
  let before = await sizeWith(replaced)
  const rows: Row[] = []
  for (const [path, file] of Object.entries(standIns)) {
    replaced[path] = file
    const after = await sizeWith(replaced)
    rows.push({
      part,
      what: `create-order with slim-sdk/${file}, too`,
      ours: number(after, 'KiB'),
      baseline: number(before, 'KiB'),
      figure: `−${(before - after).toFixed(1)} KiB`,
    })
    before = after
  }
  return rows
}
