import { type ParseArgsConfig, parseArgs } from 'node:util'
import { refuseFlagsOfNpm } from '../../scripts/options.ts'
import type { Pipeline } from './deployment.ts'
import { recordCalls, reportMutant, reportRun } from './failure-report.ts'
import { Pool } from './pool.ts'
import { type PathName, paths } from './scenarios.ts'
import { cuts, manyOrders, mutations, randomWorlds } from './suites.ts'
import { type VendorKind, vendorKinds } from './vendor-kinds.ts'

const command = 'node test/simulation/main.ts'
const usage = `${command} [options]

  --only cuts|random|mutants|loads   one suite instead of all four
  --schedules N                random worlds to play (10000)
  --seed S                     the first of their seeds (1)
  --path P --vendor V          cuts of this path, with vendors of this kind only
  --every N                    play every Nth pair of cuts; 0 for none, 1 for all
  --fast                       the subset that npm run check plays
  --thin                       with --fast: a part of its cuts, as npm test does
  --threads N                  threads to run on (one for each core)
  --report                     print the log of one run: of --seed, or of --path and --vendor with each --fault
  --fault "fault at address"   a fault to inject in it, as the report of a failure prints them
  --mutant NAME                print how this mutant is caught
  --record N                   print every DynamoDB call of N random worlds, one line of JSON each
`

/** The number of random worlds in the fast subset, which also plays every path and every mutant. */
const fastSchedules = 200

/** The option's value as one of the choices, or undefined if it is not given. @throws {Error} listing the choices */
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
  throw new Error(`--${name} ${value} is not a whole number`)
}

const definitions = {
  only: { type: 'string' },
  path: { type: 'string' },
  vendor: { type: 'string' },
  schedules: { type: 'string' },
  seed: { type: 'string' },
  every: { type: 'string' },
  record: { type: 'string' },
  threads: { type: 'string' },
  fault: { type: 'string', multiple: true, default: [] },
  mutant: { type: 'string' },
  report: { type: 'boolean', default: false },
  fast: { type: 'boolean', default: false },
  thin: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} satisfies ParseArgsConfig['options']

function optionsIn(args: readonly string[]) {
  refuseFlagsOfNpm(command, Object.keys(definitions))
  const { values } = parseArgs({ args: [...args], options: definitions })
  return {
    ...values,
    only: choice('only', values.only, ['cuts', 'random', 'mutants', 'loads']),
    path: choice('path', values.path, Object.keys(paths) as PathName[]),
    vendorKind: choice('vendor', values.vendor, Object.keys(vendorKinds) as VendorKind[]),
    schedules: count('schedules', values.schedules),
    seed: count('seed', values.seed) ?? 1,
    every: count('every', values.every),
    threads: count('threads', values.threads),
    record: count('record', values.record),
  }
}

/** Runs the command line. @returns the exit code */
export async function main(pipeline: Pipeline, args: readonly string[]): Promise<number> {
  const { only, fast, thin, seed, path, vendorKind, every, ...options } = optionsIn(args)
  if (options.help) {
    console.log(usage)
    return 0
  }
  if (options.record !== undefined) {
    await recordCalls(pipeline, seed, options.record)
    return 0
  }
  if (options.mutant !== undefined) return (await reportMutant(options.mutant)) ? 0 : 1
  if (options.report) {
    const run = { seed, path, vendorKind: vendorKind ?? 'look-up only', injections: options.fault } as const
    return (await reportRun(pipeline, run)) ? 0 : 1
  }
  const startedAt = performance.now()
  const runner = { pipeline, pool: new Pool(options.threads) }
  const schedules = options.schedules ?? (fast ? fastSchedules : 10_000)
  const suites = {
    cuts: () => cuts(runner, { path, vendorKind, every, fast, thin }),
    random: () => randomWorlds(runner, seed, schedules),
    mutants: () => mutations(runner),
    loads: () => manyOrders(runner),
  }
  let holds = true
  for (const [name, run] of Object.entries(suites))
    if ((only ?? name) === name) holds = (await run()) && holds
  await runner.pool.close()
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  console.log(`\n${holds ? 'Everything holds' : 'VIOLATED'}, after ${seconds} s`)
  return holds ? 0 : 1
}
