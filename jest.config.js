const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.js' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/cdk.out'],
}

const unit = { ...shared, testTimeout: 30_000 }
/** Whole processes: what a test waits for there has a deadline of its own (test/until.ts). */
const whole = { ...shared, testTimeout: 400_000 }

export default {
  projects: [
    {
      ...unit,
      displayName: 'lib',
      testMatch: ['<rootDir>/test/lib/**/*.test.ts'],
      globalSetup: '<rootDir>/test/lib/synthesize.ts',
    },
    {
      ...unit,
      displayName: 'code',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/(lib|e2e|simulation|browser)/', '/start.test.ts'],
    },
    {
      ...whole,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts', '<rootDir>/test/local/start.test.ts'],
    },
    { ...whole, displayName: 'simulation', testMatch: ['<rootDir>/test/simulation/**/*.test.ts'] },
    { ...whole, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.test.ts'] },
  ],
}
