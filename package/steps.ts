/** The exports for an application's lib/steps.ts, which must import them before anything else of this package. */
export { addStep, type OwnSteps } from '../lambdas/domain/own-steps.ts'
