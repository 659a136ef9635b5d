import { failureMutants } from './mutants/failures.ts'
import type { Mutant } from './mutants/mutant.ts'
import { orderMutants } from './mutants/orders.ts'
import { vendorMutants } from './mutants/vendors.ts'

/** Bugs in lambdas/, one small change each. Every one must break an invariant within a bounded run. */
export const mutants: readonly Mutant[] = [...orderMutants, ...vendorMutants, ...failureMutants]
