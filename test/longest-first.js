import Sequencer from '@jest/test-sequencer'

/** Without a cache of durations, Jest starts with the largest files; these are small and take longest. */
const longest = [
  'mutants.thorough.test.ts',
  'cuts.thorough.test.ts',
  'console.test.ts',
  'added-listener.thorough.test.ts',
  'telemetry.thorough.test.ts',
  'outages.test.ts',
  'simulation.test.ts',
  'orders.test.ts',
]
const rank = ({ path }) => {
  const index = longest.findIndex((name) => path.endsWith(`/${name}`))
  return index < 0 ? longest.length : index
}

/** Starts the longest test files first, so that none of them runs alone at the end. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b))
  }
}
