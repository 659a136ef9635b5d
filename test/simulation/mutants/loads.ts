import type { Patch } from '../hooks.ts'
import type { LoadName } from '../loads.ts'

/** A bug that shows only with many orders at once. */
export interface LoadMutant {
  name: string
  patches: readonly Patch[]
  load: LoadName
}

const pace = 'adapters/vendor-pace.ts'
const calling = 'application/vendor-call.ts'
const breaker = 'adapters/circuit-breaker.ts'

const mutant = (load: LoadName, name: string, ...patches: Patch[]): LoadMutant => ({ name, load, patches })

/** Bugs in rate limiting, and in telling an order's fault from its vendor's. */
export const loadMutants: readonly LoadMutant[] = [
  mutant(
    'overload',
    'a 429 opens the circuit',
    { file: calling, find: "if (reason === 'RATE_LIMITED') {", replace: 'if (now() < 0) {' },
    {
      file: calling,
      find: "const asksForPause = blame === 'vendor' && retryAfterMs !== undefined",
      replace:
        "const asksForPause = reason === 'RATE_LIMITED' || (blame === 'vendor' && retryAfterMs !== undefined)",
    },
  ),
  mutant('overload', 'a 429 slows nobody', {
    file: pace,
    find: 'if (startedAt <= isKnownAt) return undefined',
    replace: 'if (startedAt > 0) return undefined',
  }),
  mutant('overload, with Retry-After', 'the Retry-After of a 429 is ignored', {
    file: pace,
    find: 'pausedUntil: now + Math.min(retryAfterMs, longestPauseMs)',
    replace: 'pausedUntil: now',
  }),
  mutant('overload', 'the pace is not shared', {
    file: pace,
    find: 'perSecond: paceAt(item, now, ratePerSecond)',
    replace: 'perSecond: ratePerSecond',
  }),
  mutant('overload', 'nobody waits for a turn', {
    file: 'application/turns.ts',
    find: 'if (at <= now()) {',
    replace: 'if (at > 0) {',
  }),
  mutant('overload, as configured', 'each worker calls at the pace of all', {
    file: 'application/turns.ts',
    find: 'const everyMs = (1000 * concurrency) / perSecond',
    replace: 'const everyMs = 1000 / perSecond',
  }),
  mutant('slow for a while', 'a pace that was slowed never recovers', {
    file: 'domain/pace.ts',
    find: '2 ** (Math.max(0, now - slowedAt) / doublesInMs)',
    replace: '2 ** 0',
  }),
  mutant('bad orders', "a bad order's failures are the vendor's, although it serves others", {
    file: calling,
    find: "(blame === 'unclear' && othersServed)",
    replace: "(blame === 'unclear' && now() < 0)",
  }),
  mutant('bad orders', 'a bad order waits, although the vendor serves others', {
    file: 'domain/decision.ts',
    find: 'return situation.othersServed ? attempt() : waitAsAsked()',
    replace: 'return waitAsAsked()',
  }),
  mutant('every order is refused', 'an order is to blame, although the vendor serves no other', {
    file: 'domain/decision.ts',
    find: 'return situation.othersServed ? attempt() : waitAsAsked()',
    replace: "return deadLetter(reason, 'permanent')",
  }),
  // Any order that is served resets the count of consecutive failures, so both bugs are needed.
  mutant(
    'a failing order',
    "the circuit opens for one order's failures, although the vendor serves others",
    {
      file: breaker,
      find: 'hasServedMeanwhile && new Set(failedOrders).size < ordersToCompare',
      replace: 'now < 0',
    },
    {
      file: breaker,
      find: "else if (circuit?.state === 'closed' && circuit.failures > 0)",
      replace: 'else if (now < 0)',
    },
  ),
  mutant('orders that cannot be sent', 'an order that cannot be sent takes others with it each time', {
    file: 'application/relay/batches.ts',
    find: "troubleOf(each) ? 'alone' : 'together'",
    replace: "each ? 'together' : 'alone'",
  }),
  mutant('one carrier down, one slow', 'the vendors of a step share one circuit', {
    file: 'runtime/step-worker-deps.ts',
    find: '    vendor: vendor.name,\n    cacheMs',
    replace: '    vendor: step.name,\n    cacheMs',
  }),
  mutant('a drained carrier', 'a rerouted order has its mark in the lane that it has left', {
    file: 'domain/rerouting.ts',
    find: '...statusMark({ ...order, vendors }, now)',
    replace: '...statusMark(order, now)',
  }),
  mutant('answers without end', 'an answer is read to its end', {
    file: 'adapters/vendor-http.ts',
    find: 'if (bytes > maxBodyBytes) return undefined',
    replace: '',
  }),
]
