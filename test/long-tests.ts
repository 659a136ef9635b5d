import { jest } from '@jest/globals'

// Whole processes: what a test waits for there has a deadline of its own (until.ts).
jest.setTimeout(process.env.E2E_URL ? 3_600_000 : 400_000)
