import type { Command, OptionValues } from '@commander-js/extra-typings'

/**
 * Refuses to run if npm has consumed flags meant for the script, as it does for `npm run` without `--`.
 * https://docs.npmjs.com/cli/v11/using-npm/config#command-line-flags
 * @throws {Error} that names them
 */
export function refuseFlagsOfNpm(command: string, names: readonly string[]): void {
  const taken = names.filter((name) => process.env[`npm_config_${name}`] !== undefined)
  if (taken.length > 0)
    throw new Error(`npm has taken --${taken.join(', --')} for its own: with options run "${command}".`)
}

/** Parses a script's command line and returns its options. */
export function optionsOf<Options extends OptionValues>(command: Command<[], Options>): Options {
  refuseFlagsOfNpm(
    command.name(),
    command.options.map((option) => option.attributeName()),
  )
  return command.parse().opts()
}
