import { Option } from '@commander-js/extra-typings'
import { createProgram, durationArgument, jsonOption, print, run } from './frame/cli.ts'
import { placeAndFollow } from './smoke/place-and-follow.ts'

const program = createProgram(
  'smoke',
  'Whether a deployment works: places one order marked as smoke and follows it until the warehouse has it.',
)

program
  .requiredOption('--url <url>', "the API's URL, such as the stack's output ApiUrl")
  .addOption(
    new Option('--token <token>', 'with the scopes orders/write and orders/read')
      .env('SMOKE_TOKEN')
      .makeOptionMandatory(),
  )
  .option('--deadline <duration>', 'how long the order may take', durationArgument, 120_000)
  .addOption(jsonOption())
  .action(async ({ url, token, deadline, ...options }) => {
    const live = { fetch: globalThis.fetch, now: Date.now }
    print(await placeAndFollow({ url, token, deadlineMs: deadline, ...live }), options)
  })

await run(program)
