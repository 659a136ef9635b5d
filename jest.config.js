const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.js' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/cdk.out', '<rootDir>/build'],
}

/** What shows on a copy of the tree, on a bad day, and on every mutant: `npm run check` runs it, `npm test` does not. */
const thorough = '\\.thorough\\.test\\.ts'

const long = { ...shared, setupFilesAfterEnv: ['<rootDir>/test/long-tests.ts'] }

export default {
  testSequencer: '<rootDir>/test/longest-first.js',
  testTimeout: 30_000,
  projects: [
    {
      ...shared,
      displayName: 'lib',
      testMatch: ['<rootDir>/test/lib/**/*.test.ts'],
      testPathIgnorePatterns: [thorough],
      globalSetup: '<rootDir>/test/lib/synthesize.ts',
    },
    {
      ...shared,
      displayName: 'code',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/(lib|e2e|simulation|browser)/', '/start.test.ts', thorough],
    },
    {
      ...long,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts', '<rootDir>/test/local/start.test.ts'],
      testPathIgnorePatterns: [thorough],
    },
    {
      ...long,
      displayName: 'simulation',
      testMatch: ['<rootDir>/test/simulation/**/*.test.ts'],
      testPathIgnorePatterns: [thorough],
    },
    { ...long, displayName: 'thorough', testMatch: ['<rootDir>/test/**/*.thorough.test.ts'] },
    { ...long, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.test.ts'] },
  ],
}
