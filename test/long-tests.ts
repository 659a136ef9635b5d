import { jest } from '@jest/globals'

// Whole processes: what a test waits for there has a deadline of its own (until.ts).
jest.setTimeout(400_000)
