import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { apps, synthesize } from './synth.ts'

const folder = mkdtempSync(join(tmpdir(), 'create-order-synth-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('an app that brings a bus, a network and a user pool synthesizes without a warning, through all checks', async () => {
  expect(await synthesize({ env: 'prod' }, folder, {}, apps.adopted)).toBe('')
})
