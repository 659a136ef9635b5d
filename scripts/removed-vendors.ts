import { Command, Option } from '@commander-js/extra-typings'
import { loadSettings } from '../bin/environments.ts'
import { createStepQueue } from '../lambdas/adapters/step-queue.ts'
import { CommandError, exitCodes } from '../ops/cli/command-error.ts'
import { connect, type Environment, environmentNames } from '../ops/cli/environment.ts'
import { count } from '../ops/cli/format.ts'
import { tell } from '../ops/cli/program.ts'
import { type FindDeps, findOrders } from '../ops/orders/find-orders.ts'

/** The deployed environment, as far as it is needed to find vendors' orders and messages. */
export type Deployed = FindDeps & Pick<Environment, 'queues' | 'sqs'>

/**
 * The reasons not to delete the lanes of vendors that the config no longer has, one sentence each: orders in them would
 * never be processed. A vendor that moves to another step counts as removed, since it gets another lane.
 */
export async function objections(
  deployed: Deployed,
  configured: Readonly<Record<string, { step: string }>>,
): Promise<string[]> {
  const { vendors, queues, sqs } = deployed
  const removed = Object.keys(vendors).filter((name) => configured[name]?.step !== vendors[name]?.step)
  if (removed.length === 0) return []
  const found: string[] = removed
    .filter((name) => !vendors[name]?.retired)
    .map((name) => `${name} is not retired: deploy it with "retired: true" first.`)
  const orders = new Map(removed.map((name) => [name, 0]))
  for await (const page of findOrders(deployed, {}))
    for (const order of page)
      for (const name of Object.values(order.vendors)) {
        const before = orders.get(name)
        if (before !== undefined) orders.set(name, before + 1)
      }
  for (const [name, number] of orders)
    if (number > 0) found.push(`${name} has ${count(number, 'unfinished order')}.`)
  for (const name of removed) {
    const own = queues.filter(({ lane }) => lane === name)
    const urls = new Set(own.flatMap(({ url, targetUrl }) => [url, targetUrl]))
    const depths = [...urls].map((queueUrl) =>
      createStepQueue(sqs, { queueUrl, deadLetterQueueUrl: queueUrl, waitUnitMs: 1000 }).depth(),
    )
    const messages = (await Promise.all(depths)).reduce((sum, depth) => sum + depth, 0)
    if (messages > 0) found.push(`${name} has ${count(messages, 'message')} in its queues and DLQs.`)
  }
  return found
}

async function check(env: (typeof environmentNames)[number]): Promise<void> {
  try {
    const environment = await connect({ env })
    const { vendors } = loadSettings(env === 'local' ? 'dev' : env)
    const found = await objections({ ...environment, signal: new AbortController().signal, tell }, vendors)
    if (found.length === 0) return
    for (const each of found) tell(`::error::${each} docs/deploying.md says how a vendor is removed.`)
    process.exitCode = exitCodes.failed
  } catch (error) {
    // Without stacks this is the first deployment, which deletes nothing.
    if (!(error instanceof CommandError) || error.exitCode !== exitCodes.notFound) throw error
  }
}

if (import.meta.main) {
  const { env } = new Command('node scripts/removed-vendors.ts')
    .description('Fails if vendors that the config no longer has still have orders or messages.')
    .addOption(
      new Option('--env <name>', 'which environment').choices(environmentNames).makeOptionMandatory(),
    )
    .parse()
    .opts()
  await check(env)
}
