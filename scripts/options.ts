import type { Command, OptionValues } from '@commander-js/extra-typings'

/**
 * Refuses flags that npm has taken for its own, as of `npm run` without a `--`: the script would run without them.
 * https://docs.npmjs.com/cli/v11/using-npm/config#command-line-flags
 * @throws {Error} naming them
 */
export function refuseFlagsOfNpm(command: string, names: readonly string[]): void {
  const taken = names.filter((name) => process.env[`npm_config_${name}`] !== undefined)
  if (taken.length > 0)
    throw new Error(`npm has taken --${taken.join(', --')} for its own: with options run "${command}".`)
}

/** The options on the command line of a script. */
export function optionsOf<Options extends OptionValues>(command: Command<[], Options>): Options {
  refuseFlagsOfNpm(
    command.name(),
    command.options.map((option) => option.attributeName()),
  )
  return command.parse().opts()
}
