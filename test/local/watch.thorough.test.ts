import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type CopiedTree, copyTree } from '../copied-tree.ts'
import { sampleOrder } from '../e2e/orders.ts'
import { until } from '../until.ts'

const withinMs = 60_000

describe('orderctl start --watch', () => {
  let tree: CopiedTree
  let emulator: ChildProcess
  let output = ''
  const url = () => /^API +(\S+)/m.exec(start)?.[1]
  let start = ''
  const printed = (text: RegExp | string) =>
    until(
      () => output,
      (all) => all.match(text) !== null,
      { withinMs },
    )

  beforeAll(async () => {
    tree = await copyTree()
    const args = [join(tree.folder, 'ops', 'orderctl.ts'), 'start', '--watch']
    emulator = spawn(process.execPath, args, {
      cwd: tree.folder,
      env: { ...process.env, PORT: '0', NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [emulator.stdout, emulator.stderr])
      stream?.on('data', (text) => {
        output += text
      })
    start = await printed('Ready')
  })
  beforeEach(() => {
    output = ''
  })
  afterAll(async () => {
    const exited = once(emulator, 'exit')
    emulator.kill('SIGTERM')
    await exited
    await tree.remove()
  })

  const place = async (reference: string) => {
    const body = JSON.stringify({ sub: 'shop-1', scope: 'orders/write' })
    const answer = await fetch(`${url()}/_local/token`, { method: 'POST', body })
    const { token } = (await answer.json()) as { token: string }
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const order = JSON.stringify(sampleOrder(reference, 1))
    const placed = await fetch(`${url()}/orders`, { method: 'POST', headers, body: order })
    return ((await placed.json()) as { message: string }).message
  }
  const message = 'Order successfully created.'

  test('swaps in a function that has changed, and leaves the others', async () => {
    expect(await place('1')).toBe(message)

    await tree.edit('lambdas/domain/order.ts', (text) => text.replace(message, 'As edited.'))
    await printed('Swapped in .*create-order')

    expect(await place('2')).toBe('As edited.')
  })

  test('reports compile errors, and keeps running the old code', async () => {
    await tree.edit('lambdas/create-order.ts', (text) => `${text}\nconst const = 1\n`)
    expect(await printed('the functions keep running as before')).toContain('lambdas/create-order.ts')

    expect(await place('3')).toBe('As edited.')

    await tree.edit('lambdas/create-order.ts', (text) => text.replace('\nconst const = 1\n', ''))
    await printed('No bundle has changed')
  })

  test("says that a vendor's fake needs a restart", async () => {
    await tree.edit('vendors/easypost/fake.ts', (text) =>
      text.replace('refundMs = 1_000', 'refundMs = 2_000'),
    )

    await printed('Restart to apply: vendors/easypost/fake.ts.')
  })

  test('applies changes in the stacks, or says that they need a restart', async () => {
    await tree.edit('lib/functions/service-function.ts', (text) => text.replace('?? 1024', '?? 1000'))
    await printed('changed Api/CreateOrder/Function')
    expect(output).not.toContain('restart')

    await tree.edit('lib/functions/service-function.ts', (text) => text.replace('class ', 'class class '))
    await printed('The stacks keep running as before.')

    expect(await place('4')).toBe('As edited.')
  })

  test('says when changes are no longer applied', async () => {
    const { stdout } = await promisify(execFile)('pgrep', ['-P', String(emulator.pid), '-f', 'bin/watch.ts'])
    process.kill(Number(stdout))

    await printed('Changes are no longer applied')
  })
})
