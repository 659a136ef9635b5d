import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** A text replacement in a file: a bug that the simulation must find. Paths are relative to lambdas/, or in vendors/. */
export interface Patch {
  file: string
  find: string
  replace: string
}

const root = new URL('../../', import.meta.url)
const lambdas = new URL('lambdas/', root).href
const vendors = new URL('vendors/', root).href
const urlOf = (file: string): URL => new URL(file, file.startsWith('vendors/') ? root : lambdas)
const isPatched = (url: string): boolean => url.startsWith(lambdas) || url.startsWith(vendors)
/** The modules' extension: .ts, or .js in the built package. */
const ext = import.meta.filename.slice(-3)
/** Modules with access to the outside world, and their replacements. */
const replaced: Record<string, string> = {
  [`${lambdas}runtime/aws-clients${ext}`]: new URL(`kernel/sdk${ext}`, import.meta.url).href,
  [`${lambdas}runtime/telemetry${ext}`]: new URL(`kernel/telemetry${ext}`, import.meta.url).href,
}
const patchesOf = new Map<string, readonly Patch[]>()

const mutantIn = (url: string | undefined) => url && new URL(url).searchParams.get('mutant')

/**
 * Makes lambdas/ run in the simulated world. A module imported with `?mutant=name` gets the patches of that name, and so
 * do the modules of lambdas/ and vendors/ that it imports.
 */
export function installHooks(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const replacement = replaced[resolved.url]
      if (replacement) return { ...resolved, url: replacement }
      const mutant = mutantIn(context.parentURL?.startsWith('file:') ? context.parentURL : undefined)
      return mutant && isPatched(resolved.url)
        ? { ...resolved, url: `${resolved.url.replace(/\?.*/, '')}?mutant=${mutant}` }
        : resolved
    },
    load(url, context, next) {
      const loaded = next(url, context)
      const patches = patchesOf.get(mutantIn(url.startsWith('file:') ? url : undefined) ?? '') ?? []
      const mine = patches.filter(({ file }) => url.startsWith(`${urlOf(file).href}?`))
      return mine.length === 0 ? loaded : { ...loaded, source: mine.reduce(applied, String(loaded.source)) }
    },
  })
}

/** The text that a patch replaces occurs never or more than once. */
export class PatchDoesNotFit extends Error {
  override readonly name = 'PatchDoesNotFit'
}

function applied(source: string, { file, find, replace }: Patch): string {
  const count = source.split(find).length - 1
  if (count !== 1)
    throw new PatchDoesNotFit(`${file} contains this text ${count} times instead of once: ${find}`)
  return source.replace(find, () => replace)
}

/** @throws {PatchDoesNotFit} */
export function assertFits(patch: Patch): void {
  applied(readFileSync(urlOf(patch.file), 'utf8'), patch)
}

/** Registers a mutant, so that modules can be imported with its patches. */
export const addPatches = (name: string, patches: readonly Patch[]): void => {
  patchesOf.set(name, patches)
}
