import type { StepName } from './chain.ts'

/** The steps that an application adds to the chain, each with its status. The application declares them by merging. */
// biome-ignore lint/suspicious/noEmptyInterface: a type alias could not be merged with.
export interface OwnSteps {}

/** A step of an application's own. Its event has the name of its status. */
export interface OwnStep<Step extends keyof OwnSteps = keyof OwnSteps> {
  step: Step
  /** What people call the one it asks. */
  vendor: string
  status: OwnSteps[Step]
  /** The step that it follows. */
  after: StepName
}

const steps: OwnStep[] = []

/** Adds a step to the chain. Throws once the chain has been read: it is the same for all that knows it. */
export function addStep<Step extends keyof OwnSteps>(step: OwnStep<Step>): void {
  if (Object.isFrozen(steps))
    throw new Error('addStep came too late: import the steps before anything else of this package.')
  steps.push(step)
}

/** The steps that were added. */
export const ownSteps = (): readonly OwnStep[] => Object.freeze(steps)
