/**
 * A number in [0, 1) that depends only on the seed and the decision's name. So dropping one decision changes no other,
 * which allows a failing run to be shrunk.
 */
export function chance(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ seed
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  // MurmurHash3's finalizer: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** The random decisions of one run, by name. */
export class Chance {
  readonly seed: number

  constructor(seed: number) {
    this.seed = seed
  }

  /** Whether it happens, with this probability. */
  happens(name: string, probability: number): boolean {
    return chance(this.seed, name) < probability
  }

  /** A whole number from `low` to `high`, both included. */
  between(name: string, low: number, high: number): number {
    return low + Math.floor(chance(this.seed, name) * (high - low + 1))
  }

  /** One of the choices. */
  pick<T>(name: string, choices: readonly T[]): T {
    return choices[Math.floor(chance(this.seed, name) * choices.length)] as T
  }
}
