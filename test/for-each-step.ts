import { type StepName, stepNames } from '../lambdas/domain/chain.ts'

/** What each step of the chain has, made step by step. */
export const forEachStep = <T>(make: (step: StepName) => T): Record<StepName, T> =>
  // A cast since fromEntries forgets which keys there are.
  Object.fromEntries(stepNames.map((step) => [step, make(step)])) as Record<StepName, T>
