import { expect, test } from '@jest/globals'
import { simulate } from './simulate.ts'

test("many orders at once progress at the vendor's pace, and bad ones do not delay good ones", async () => {
  expect(await simulate('loads')).toContain('Everything holds')
})
