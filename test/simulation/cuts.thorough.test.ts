import { expect, test } from '@jest/globals'
import { simulate } from './simulate.ts'

test('one order survives a fault at four times as many points of its paths', async () => {
  expect(await simulate('cuts')).toContain('Everything holds')
})
