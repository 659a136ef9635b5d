import { type Mutant, mutant } from './mutant.ts'

const rerouting = 'domain/rerouting.ts'
const asked = 'rerouting at courier-worker: create at'

/** Bugs in rerouting an order to another vendor. */
export const rerouteMutants: readonly Mutant[] = [
  mutant(
    'an order is rerouted while its carrier is being asked',
    rerouting,
    'const link = untouched(order)',
    'const link = untouched({ ...order, claim: undefined })',
    'second carrier',
    'look-up only',
    asked,
  ),
  mutant(
    'an order is rerouted while its outcome at the carrier is unknown',
    rerouting,
    'const link = untouched(order)',
    'const link = untouched({ ...order, unknownOutcome: undefined })',
    'rerouted',
    'neither',
  ),
  mutant(
    'an order is rerouted although it has changed since it was read',
    'application/amend-order.ts',
    'await repository.change(order, onRecord(order, change, actor))',
    'await repository.change((await repository.get(orderId)) ?? order, onRecord(order, change, actor))',
    'second carrier',
    'look-up only',
    'rerouting at',
  ),
  mutant(
    'a rerouted order gets no round of its own',
    rerouting,
    '      round: order.round + 1,\n',
    '',
    'rerouted',
  ),
  mutant(
    'a lane remembers an order that it has lost, and does not take it up when it gets it back',
    'runtime/step-worker.ts',
    "new Set(['advance',",
    "new Set(['done', 'advance',",
    'rerouted and back',
  ),
]
