import { Command } from '@commander-js/extra-typings'
import { afterEach, expect, test } from '@jest/globals'
import { optionsOf } from '../../scripts/options.ts'

const before = process.argv
afterEach(() => {
  process.argv = before
  delete process.env.npm_config_quick
})

const options = () => optionsOf(new Command('node bench/run.ts').option('--quick', 'fewer samples'))

test('a script gets the options on its command line', () => {
  process.argv = ['node', 'bench/run.ts', '--quick']

  expect(options()).toEqual({ quick: true })
})

test('a script refuses to run if npm has consumed one of its options', () => {
  process.argv = ['node', 'bench/run.ts']
  process.env.npm_config_quick = 'true'

  expect(options).toThrow('npm has taken --quick for its own: with options run "node bench/run.ts".')
})
