import { createProgram, envOption, jsonOption, print, run } from './frame/cli.ts'
import { getToken } from './frame/tokens.ts'

const program = createProgram('token', "A token for the API: the bearer's own, not to be shared.")

program
  .option('--scope <scopes>', 'space-separated', 'orders/write orders/read')
  .option('--sub <subject>', 'whose: the owner of the orders; only local can choose')
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (options) => {
    const token = await getToken(options.env, options)
    print({ text: token, json: { environment: options.env, token } }, options)
  })

await run(program)
