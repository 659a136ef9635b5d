import { expect, test } from '@jest/globals'
import { simulate } from './simulate.ts'

test('one order survives a fault at every point of its path', async () => {
  expect(await simulate('cuts', '--thin')).toContain('Everything holds')
})

test('orders survive random worlds with many faults at once', async () => {
  expect(await simulate('random')).toContain('Everything holds')
})
