import { cancellationMutants } from './cancellations.ts'
import { failureMutants } from './failures.ts'
import type { Mutant } from './mutant.ts'
import { orderMutants } from './orders.ts'
import { rerouteMutants } from './reroutes.ts'
import { vendorMutants } from './vendors.ts'

/** Bugs in lambdas/, one small change each. Every one must break an invariant within a bounded run. */
export const mutants: readonly Mutant[] = [
  ...orderMutants,
  ...vendorMutants,
  ...rerouteMutants,
  ...failureMutants,
  ...cancellationMutants,
]
