/** What an application's lib/steps.ts imports, before anything else of this package. */
export { addStep, type OwnSteps } from '../lambdas/domain/own-steps.ts'
