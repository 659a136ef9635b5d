import { expect, test } from '@jest/globals'
import { createProgress } from '../../../ops/frame/progress.ts'

const screenOf = (isTTY: boolean) => {
  const written: string[] = []
  return { written, screen: { isTTY, write: (text: string) => written.push(text) > 0 } }
}

test('a terminal sees how far the work is, and how long it still takes', () => {
  const { written, screen } = screenOf(true)
  const progress = createProgress(3, 0.5, screen as never)

  progress.advance()
  progress.advance()
  progress.advance()
  progress.end()

  expect(written).toEqual([
    '\r\x1b[K[##########--------------------] 1/3, 4 s left',
    '\r\x1b[K[####################----------] 2/3, 2 s left',
    '\r\x1b[K[##############################] 3/3',
    '\n',
  ])
})

test('anything but a terminal sees nothing', () => {
  const { written, screen } = screenOf(false)
  const progress = createProgress(1, 1, screen as never)

  progress.advance()
  progress.end()

  expect(written).toEqual([])
})
