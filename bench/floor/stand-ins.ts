import { build, type Plugin } from 'esbuild'
import { slimSdkWith, standIns } from '../../lib/slim-sdk/plugin.ts'
import { number, progress, type Row } from '../report.ts'
import { stockBundle } from './bundles.ts'

const part = '3 floor, cold'

/** The size of create-order's bundle, in KiB. */
async function sizeWith(plugins: Plugin[]): Promise<number> {
  const { outputFiles } = await build({
    ...stockBundle,
    entryPoints: ['lambdas/create-order.ts'],
    plugins,
    write: false,
  })
  return (outputFiles[0]?.contents.byteLength ?? 0) / 1024
}

/** What each part of lib/slim-sdk saves of create-order's bundle, one after the other. */
export async function measureStandIns(): Promise<Row[]> {
  progress(`${part}: stand-ins`)
  const parts = Object.entries(standIns)
  const rows: Row[] = []
  let before = await sizeWith([])
  for (let count = 0; count <= parts.length; count += 1) {
    const replaced = parts.slice(0, count)
    const after = await sizeWith([slimSdkWith(Object.fromEntries(replaced))])
    const [, file] = replaced.at(-1) ?? []
    rows.push({
      part,
      what: `create-order with slim-sdk/${file === undefined ? 'plugin.ts' : `${file}, too`}`,
      ours: number(after, 'KiB'),
      baseline: number(before, 'KiB'),
      figure: `−${(before - after).toFixed(1)} KiB`,
    })
    before = after
  }
  return rows
}
