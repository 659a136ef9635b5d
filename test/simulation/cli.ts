import { parseArgs } from 'node:util'
import type { Pipeline } from './deployment.ts'
import { record, tell, tellOfMutant } from './failure-report.ts'
import { Pool } from './pool.ts'
import { type PathName, paths, type VendorSort, vendorSorts } from './scenarios.ts'
import { cuts, mutations, randomWorlds } from './suites.ts'

const usage = `npm run simulate -- [options]

  --only cuts|random|mutants   one part instead of all three
  --schedules N                random worlds to play (10000)
  --seed S                     the first of their seeds (1)
  --path P --sort S            cuts of this path with vendors of this sort only
  --every N                    play every Nth pair of cuts; 0 for none, 1 for all
  --fast                       the subset that npm test runs
  --tell                       tell the story of one run: of --seed, or of --path and --sort with each --strike
  --strike "fault at address"  what strikes in it, as a failing run's last lines say
  --mutant NAME                tell how this mutant is caught
  --record N                   print every call of DynamoDB in N random worlds, as JSON, a line for each
`

/** The fast subset's random worlds. It hunts every mutant: a bug that goes unseen is no small matter. */
const fastSchedules = 200

/** A value that is one of the choices, or nothing. @throws {Error} naming the choices */
function choice<T extends string>(
  name: string,
  value: string | undefined,
  choices: readonly T[],
): T | undefined {
  const chosen = choices.find((each) => each === value)
  if (value !== undefined && chosen === undefined)
    throw new Error(`--${name} ${value} is none of: ${choices.join('; ')}`)
  return chosen
}

function count(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value)
  throw new Error(`--${name} ${value} is no whole number`)
}

function optionsIn(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      path: { type: 'string' },
      sort: { type: 'string' },
      schedules: { type: 'string' },
      seed: { type: 'string' },
      every: { type: 'string' },
      record: { type: 'string' },
      strike: { type: 'string', multiple: true, default: [] },
      mutant: { type: 'string' },
      tell: { type: 'boolean', default: false },
      fast: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    ...values,
    only: choice('only', values.only, ['cuts', 'random', 'mutants']),
    path: choice('path', values.path, Object.keys(paths) as PathName[]),
    sort: choice('sort', values.sort, Object.keys(vendorSorts) as VendorSort[]),
    schedules: count('schedules', values.schedules),
    seed: count('seed', values.seed) ?? 1,
    every: count('every', values.every),
    record: count('record', values.record),
  }
}

/** Runs what the command line asks for. @returns the exit code */
export async function main(pipeline: Pipeline, args: readonly string[]): Promise<number> {
  const { only, fast, seed, path, sort, every, ...options } = optionsIn(args)
  if (options.help) {
    console.log(usage)
    return 0
  }
  if (options.record !== undefined) {
    await record(pipeline, seed, options.record)
    return 0
  }
  if (options.mutant !== undefined) return (await tellOfMutant(options.mutant)) ? 0 : 1
  if (options.tell) {
    const about = { seed, sort: sort ?? 'look-up only', strikes: options.strike, ...(path && { path }) }
    return (await tell(pipeline, about)) ? 0 : 1
  }
  const startedAt = performance.now()
  const workshop = { pipeline, pool: new Pool() }
  const schedules = options.schedules ?? (fast ? fastSchedules : 10_000)
  const suites = {
    cuts: () => cuts(workshop, { path, sort, every, fast }),
    random: () => randomWorlds(workshop, seed, schedules),
    mutants: () => mutations(workshop),
  }
  let holds = true
  for (const [name, run] of Object.entries(suites))
    if ((only ?? name) === name) holds = (await run()) && holds
  await workshop.pool.close()
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  console.log(`\n${holds ? 'Everything holds' : 'BROKEN'}, after ${seconds} s`)
  return holds ? 0 : 1
}
