import '../lambdas/domain/own-steps.ts'

/** Only while the package is built: scripts/package.ts puts an application's own steps in the places of these names. */
declare module '../lambdas/domain/own-steps.ts' {
  interface OwnSteps {
    __own: '__OWN'
  }
}
