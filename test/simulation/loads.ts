import type { Load, LoadResult } from './load.ts'

/** Checks a load's result. @returns a sentence for each broken promise */
type Check = (result: LoadResult) => string[]

const broken = (promises: Record<string, boolean>): string[] =>
  Object.entries(promises).flatMap(([promise, isKept]) => (isKept ? [] : [promise]))
const p99 = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? 0

/** Bad orders delay good ones only within bounds. */
const undisturbed: Check = ({ waiting, deadLetters, delaysMs, poisonAttempts, longestRead }) =>
  broken({
    'every good order is served': waiting === 0 && deadLetters === 0,
    'p99 of the good orders is 2 s': p99(delaysMs) <= 2000,
    'each bad order is dead-lettered by its own five attempts': poisonAttempts.every((each) => each === 4),
    'no more than 1 MiB is read of an answer': longestRead <= 1024 * 1024 + 64 * 1024,
  })

/** Many orders at once, and what must hold for all of them together. */
export const loads = {
  /** Twice as many orders as the carrier's rate limit, which is configured 2.5 times too high. */
  overload: {
    load: {
      ordersPerSecond: 8,
      seconds: 120,
      takesPerSecond: 4,
      configuredPerSecond: 10,
    },
    check: ({ served, takenCalls, refusedByMinute, deadLetters }) =>
      broken({
        'the carrier works at 85 % of its rate': served >= 0.85 * 4 * 120,
        'no more than one call in twenty is answered 429 after the first minute':
          (refusedByMinute[1] ?? 0) <= takenCalls / 2 / 20,
        'no order is dead-lettered': deadLetters === 0,
      }),
  },
  /** Twice as many orders as the carrier's rate limit, which is configured correctly. */
  'overload, as configured': {
    load: { ordersPerSecond: 8, seconds: 60, takesPerSecond: 4, configuredPerSecond: 4 },
    check: ({ served, takenCalls, refusedByMinute }) =>
      broken({
        'the carrier works at 90 % of its rate': served >= 0.9 * 4 * 60,
        'no more than one call in fifty is answered 429': (refusedByMinute[0] ?? 0) <= takenCalls / 50,
      }),
  },
  /** An overloaded carrier that asks for pauses. */
  'overload, with Retry-After': {
    load: {
      ordersPerSecond: 8,
      seconds: 120,
      takesPerSecond: 4,
      configuredPerSecond: 10,
      retryAfterSeconds: 10,
    },
    check: ({ callsInPauses, deadLetters }) =>
      broken({
        'nobody calls in a pause': callsInPauses === 0,
        'no order is dead-lettered': deadLetters === 0,
      }),
  },
  /** For two minutes the carrier's rate limit is a tenth of the configured one. */
  'slow for a while': {
    load: {
      ordersPerSecond: 2,
      seconds: 180,
      watchedSeconds: 900,
      takesPerSecond: 4,
      slowForMs: 120_000,
      configuredPerSecond: 4,
    },
    check: ({ waiting, deadLetters }) =>
      broken({ 'every order is served in the end': waiting === 0 && deadLetters === 0 }),
  },
  'bad orders': {
    load: {
      ordersPerSecond: 0.05,
      seconds: 1200,
      watchedSeconds: 3600,
      poison: { kind: '404', count: 20 },
    },
    check: undisturbed,
  },
  /** The carrier always fails one order, and serves the others meanwhile. */
  'a failing order': {
    load: { ordersPerSecond: 0.5, seconds: 900, watchedSeconds: 1200, poison: { kind: '500', count: 1 } },
    check: (result) => [
      ...undisturbed(result),
      ...broken({ 'no good order waits 3 s': Math.max(...result.delaysMs) <= 3000 }),
    ],
  },
  /** After an outage of the bus the relay has to send all orders, and some make every batch with them fail. */
  'orders that cannot be sent': {
    load: { ordersPerSecond: 0.2, seconds: 600, watchedSeconds: 7200, noBusForMs: 600_000, unsendable: 3 },
    check: ({ waiting, deadLetters }) =>
      broken({ 'every order that can be sent is served': waiting === 0 && deadLetters === 0 }),
  },
  'answers without end': {
    load: {
      ordersPerSecond: 0.05,
      seconds: 600,
      watchedSeconds: 1800,
      poison: { kind: 'an answer without end', count: 2 },
    },
    check: undisturbed,
  },
  /** The carrier refuses every order, as a firewall would; no order is the cause. */
  'every order is refused': {
    load: { ordersPerSecond: 0.01, seconds: 900, watchedSeconds: 3600, refusesForMs: 900_000 },
    check: ({ waiting, deadLetters }) =>
      broken({ 'every order is served in the end': waiting === 0 && deadLetters === 0 }),
  },
  /** Of three carriers one is down and one is slow. The third one's orders are not affected. */
  'one carrier down, one slow': {
    load: { ordersPerSecond: 6, seconds: 300, others: 'down and slow' },
    check: ({ thirdsDelaysMs, thirdsUsualDelaysMs }) =>
      broken({
        'hundreds of orders are compared': Math.min(thirdsDelaysMs.length, thirdsUsualDelaysMs.length) > 500,
        "p99 of the third one's orders is at most 1.1 times the usual one":
          p99(thirdsDelaysMs) <= 1.1 * p99(thirdsUsualDelaysMs),
      }),
  },
  /** A thousand orders wait for a carrier that is down, and an operator drains its lane, twice. */
  'a drained carrier': {
    load: {
      ordersPerSecond: 10,
      seconds: 110,
      watchedSeconds: 900,
      down: { fromMs: 0, toMs: 900_000 },
      drainedAtMs: [120_000, 240_000],
    },
    check: ({ rerouted, waiting, madeTwice, deadLetters }) =>
      broken({
        'a thousand orders are moved': rerouted >= 1000,
        'every order is served': waiting === 0 && deadLetters === 0,
        'none is made twice': madeTwice === 0,
      }),
  },
} as const satisfies Record<string, { load: Load; check: Check }>
/** The name of a load. */
export type LoadName = keyof typeof loads
