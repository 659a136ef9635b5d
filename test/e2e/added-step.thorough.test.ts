import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as z from 'zod'
import { addedLines, type CopiedTree, checks, copyTree, type Snippet, snippetsOf } from '../copied-tree.ts'
import { resolvedVariables, startFunction } from '../lib/start-function.ts'
import { startCloud } from './cloud.ts'

// The CDK's template validation takes longer than the rest of the synthesis, and another test runs it.
process.env.CDK_VALIDATION = 'false'

const templateSchema = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.any() })),
})

describe('a step added as docs/forking.md says', () => {
  let tree: CopiedTree
  let snippets: Snippet[]
  beforeAll(async () => {
    tree = await copyTree()
    snippets = await snippetsOf('docs/forking.md', 'Add a link to the chain')
    for (const snippet of snippets) await tree.apply(snippet)
  })
  afterAll(() => tree.remove())

  const json = async (...path: string[]) => JSON.parse(await readFile(join(tree.folder, ...path), 'utf8'))
  const run = async (command: string, ...args: string[]): Promise<string> => {
    const { exitCode, output } = await tree.run(command, ...args)
    if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')} fails:\n${output}`)
    return output
  }
  const orderWay = async () => JSON.parse(await run('node', 'test/e2e/order-way.ts'))

  test('takes two files and a few lines elsewhere', () => {
    const elsewhere = snippets.filter(({ language }) => language === 'diff')
    expect(snippets.length - elsewhere.length).toBe(2)
    expect(elsewhere.reduce((sum, snippet) => sum + addedLines(snippet), 0)).toBeLessThanOrEqual(20)
  })

  // Without the gate: it counts an order's calls, and nothing simulates the customs broker yet.
  test.each(checks)('passes the %s', (_, command, args) => run(command, ...args))

  test('is in the published documents, as an addition', async () => {
    expect(await run('node', 'scripts/openapi.ts')).toContain('CUSTOMS_CLEARED.schema.json written')
    const { properties } = await json('docs', 'events', 'ORDER_NEEDS_ATTENTION.schema.json')
    expect(properties.data.properties.status.enum).toEqual([
      'CREATED',
      'AWB_GENERATED',
      'CUSTOMS_CLEARED',
      'CANCELLING',
    ])
    const { components } = await json('openapi.json')
    expect(components.schemas.Order.properties.status.enum).toContain('CUSTOMS_CLEARED')
  })

  test('has a queue and a worker, and every function starts in its environment', async () => {
    await run('cdk', 'synth', '--quiet', '--all', '--output', 'cdk.out')
    const { Resources } = templateSchema.parse(
      await json('cdk.out', 'create-order-dev-stateless.template.json'),
    )
    const ofType = (type: string) =>
      Object.values(Resources)
        .filter(({ Type }) => Type === type)
        .map(({ Properties }) => Properties)

    const targets = ofType('AWS::Events::Rule').map(({ EventPattern, Targets }) => [
      ...EventPattern.detail.data.lane,
      Targets[0].Arn['Fn::GetAtt'][0].replace(/[0-9A-F]{8}$/, ''),
    ])
    expect(targets).toEqual([
      ['carrier', 'LogisticsCarrierQueue'],
      ['broker', 'CustomsBrokerQueue'],
      ['warehouse', 'WmsWarehouseQueue'],
      ['easypost', 'LogisticsEasypostQueue'],
    ])

    const starts = ofType('AWS::Lambda::Function').map(async ({ Handler, Environment }) => {
      const name = Handler.replace('.handler', '')
      const bundle = join(tree.folder, 'dist', name, `${name}.cjs`)
      return [name, await startFunction(bundle, resolvedVariables(Environment.Variables))]
    })
    const started = Object.fromEntries(await Promise.all(starts))
    expect(started).toMatchObject({ 'customs-worker': {}, 'outbox-relay': {} })
    for (const start of Object.values(started)) expect(start).toEqual({ unread: [] })
  })

  test('does not start locally without a simulator, so that no real vendor is called', async () => {
    await expect(startCloud({ folder: tree.folder })).rejects.toThrow(
      'broker has no simulator, and would be called at https://sandbox.broker.example/v1',
    )
  })

  test('is passed by every order, whatever fails in it', async () => {
    const path = ['--only', 'cuts', '--path', 'straight', '--vendor', 'look-up only', '--every', '0']
    const output = await run('node', 'test/simulation/main.ts', ...path, '--fast')
    expect(output).toContain('Everything holds')
  })

  test('is known to the tools, which show an order in it as unfinished', async () => {
    const { way, attention, smoke } = await orderWay()
    expect(way).toMatchObject([
      { status: 'CREATED', isFinished: false, summary: 'It is in progress' },
      { status: 'AWB_GENERATED', isFinished: false, summary: 'It is in progress' },
      {
        status: 'CUSTOMS_CLEARED',
        event: 'CUSTOMS_CLEARED',
        isFinished: false,
        summary: 'It is in progress',
      },
      { status: 'READY_FOR_FULFILLMENT', isFinished: true, summary: 'It is finished.' },
    ])
    expect(attention).toEqual(Array(3).fill('ORDER_NEEDS_ATTENTION'))
    expect(smoke.status).toBe('READY_FOR_FULFILLMENT')
  })

  test('added after the last step is the new end, and finished orders stay finished', async () => {
    await tree.edit('lambdas/domain/chain.ts', (text) => {
      const lines = text.split('\n')
      const [wms, customs] = ["step: 'wms'", "step: 'customs'"].map((step) =>
        lines.findIndex((line) => line.includes(step)),
      ) as [number, number]
      return lines
        .with(wms, lines[customs] ?? '')
        .with(customs, lines[wms] ?? '')
        .join('\n')
    })
    const { way, smoke, old } = await orderWay()
    expect(way).toMatchObject([
      { status: 'CREATED', isFinished: false },
      { status: 'AWB_GENERATED', isFinished: false },
      { status: 'READY_FOR_FULFILLMENT', isFinished: false, summary: 'It is in progress' },
      { status: 'CUSTOMS_CLEARED', isFinished: true, summary: 'It is finished.' },
    ])
    expect(smoke.status).toBe('CUSTOMS_CLEARED')
    expect(old).toMatchObject({
      status: 'READY_FOR_FULFILLMENT',
      isFinished: true,
      summary: 'It is finished.',
    })
  })
})
