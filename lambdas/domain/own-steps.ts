import type { StepName } from './chain.ts'

/** An application's own steps with their statuses, which the application declares by interface merging. */
// biome-ignore lint/suspicious/noEmptyInterface: a type alias could not be merged with.
export interface OwnSteps {}

/** An application's own step. Its event has the same name as its status. */
export interface OwnStep<Step extends keyof OwnSteps = keyof OwnSteps> {
  step: Step
  /** The noun for the kind of vendor it calls, such as `carrier`. */
  vendor: string
  status: OwnSteps[Step]
  /** The step that it follows. */
  after: StepName
}

const steps: OwnStep[] = []

/** Adds a step to the chain. Throws once the chain has been read, since it must not change after that. */
export function addStep<Step extends keyof OwnSteps>(step: OwnStep<Step>): void {
  if (Object.isFrozen(steps))
    throw new Error('addStep came too late: import the steps before anything else of this package.')
  steps.push(step)
}

/** The steps that were added. */
export const ownSteps = (): readonly OwnStep[] => Object.freeze(steps)
