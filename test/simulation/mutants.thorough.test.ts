import { expect, test } from '@jest/globals'
import { simulate } from './simulate.ts'

test('the simulation catches every mutant', async () => {
  const report = await simulate('mutants')
  expect(report).toContain(' 0 survived')
  expect(report).toContain('Everything holds')
})
