#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { loadSteps } from '../package/load-steps.ts'
import type { Tool } from './cli/program.ts'

process.env.NODE_COMPILE_CACHE ??= `${process.cwd()}/node_modules/.cache/compile`
enableCompileCache()
await loadSteps()
const { createProgram, run } = await import('./cli/program.ts')

type Load = () => Promise<{ addTo: (tool: Tool) => unknown }>

/** The tools, each with a function that loads it: only the called one is loaded. */
export const tools: Record<string, [description: string, load: Load]> = {
  start: ['run the stacks on this machine', () => import('./start.ts')],
  demo: ['place an order and follow it until it is ready', () => import('./demo.ts')],
  order: ['orders: list and show them, and act on one', () => import('./order.ts')],
  dlq: ['dead letters: list, redrive and discard them', () => import('./dlq.ts')],
  vendor: ['vendors: their circuits and pace; pause, resume or drain one', () => import('./vendor.ts')],
  token: ['get a token for the API; keep it secret', () => import('./token.ts')],
  smoke: ['check a deployment by placing a test order', () => import('./smoke.ts')],
  capacity: ['predict queues, waiting times and quotas under a load', () => import('../bench/capacity.ts')],
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
