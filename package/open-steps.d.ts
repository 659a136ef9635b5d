import '../lambdas/domain/own-steps.ts'

/** Placeholders for the build: scripts/package.ts replaces these names by an application's own steps. */
declare module '../lambdas/domain/own-steps.ts' {
  interface OwnSteps {
    __own: '__OWN'
  }
}
