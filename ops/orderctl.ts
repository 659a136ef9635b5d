#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { loadSteps } from '../package/load-steps.ts'
import type { Tool } from './cli/program.ts'

process.env.NODE_COMPILE_CACHE ??= `${process.cwd()}/node_modules/.cache/compile`
enableCompileCache()
await loadSteps()
const { createProgram, run } = await import('./cli/program.ts')

type Load = () => Promise<{ addTo: (tool: Tool) => unknown }>

/** The tools. Only the one that is called is loaded. */
export const tools: Record<string, [description: string, load: Load]> = {
  start: ['run the stacks on this machine', () => import('./start.ts')],
  demo: ['place an order there, and watch it become ready', () => import('./demo.ts')],
  order: ['orders: where they are, and what an operator can do about one', () => import('./order.ts')],
  dlq: ['dead letters: orders that a worker gave up, and messages of none', () => import('./dlq.ts')],
  vendor: ['vendors: whether and how fast calls to them go through', () => import('./vendor.ts')],
  token: ['get a token for the API; keep it secret', () => import('./token.ts')],
  smoke: ['check a deployment by one marked order', () => import('./smoke.ts')],
  capacity: ['predict queues, waiting and quotas under a load', () => import('../bench/capacity.ts')],
  cost: ['measure what a million orders cost on AWS', () => import('../bench/cost.ts')],
}

/** The command line, with the commands and options of the tool that is called. */
export async function createOrderctl(called: string | undefined) {
  const orderctl = createProgram()
  for (const [name, [description, load]] of Object.entries(tools)) {
    const tool = orderctl.command(name).description(description).helpCommand(false)
    if (name === called) (await load()).addTo(tool)
  }
  return orderctl
}

if (import.meta.main) await run(await createOrderctl(process.argv[2]), process.argv)
