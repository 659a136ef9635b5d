import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chain, placed } from '../lambdas/domain/chain.ts'
import { ownSteps } from '../lambdas/domain/own-steps.ts'
import { bundleFunctions as bundle, writeIfChanged } from '../lib/functions/bundle.ts'

const statuses = [placed.status, ...chain.map(({ status }) => status)]
const steps = chain.map(({ step }) => step)

/** Inserts the application's own names into a list of ours, each after its predecessor in the chain. */
const withOwn = (listed: readonly string[], way: readonly string[]): readonly string[] =>
  way.reduce((names, name, index) => {
    const before = names.indexOf(way[index - 1] ?? '')
    return before < 0 || names.includes(name) ? names : names.toSpliced(before + 1, 0, name)
  }, listed)

/** The API's document, openapi.json, with the steps and statuses that the application has added. */
export function openApi(): object {
  const own: ReadonlySet<string> = new Set(ownSteps().map(({ status }) => status))
  const ours = statuses.filter((status) => !own.has(status))
  const text = readFileSync(join(import.meta.dirname, '..', 'openapi.json'), 'utf8')
  return JSON.parse(text.replaceAll(ours.join(' → '), statuses.join(' → ')), (key, value) =>
    key === 'enum' && Array.isArray(value) ? withOwn(withOwn(value, statuses), steps) : value,
  )
}

/** Bundles the functions, and writes the API's document to dist/openapi.json. @throws esbuild's errors */
export async function bundleFunctions(): Promise<void> {
  await bundle()
  const contents = Buffer.from(`${JSON.stringify(openApi(), undefined, 2)}\n`)
  writeIfChanged({ path: resolve('dist', 'openapi.json'), contents })
}
