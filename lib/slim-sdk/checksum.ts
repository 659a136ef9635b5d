import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'

/**
 * Stands in for `@smithy/core/checksum` in the bundles (see plugin.ts): the hashes of our calls by node:crypto,
 * without the SDK's own implementations for places that have none.
 */
class Checksum {
  readonly #start: () => Hash | Hmac
  #hash: Hash | Hmac

  constructor(start: () => Hash | Hmac) {
    this.#start = start
    this.#hash = start()
  }

  update(data: string | Uint8Array): void {
    this.#hash.update(data)
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = this.#start()
  }
}

/** Signs requests. */
export class Sha256 extends Checksum {
  constructor(secret?: string | Uint8Array) {
    super(() => (secret ? createHmac('sha256', secret) : createHash('sha256')))
  }
}

/** Checks what SQS says of a message. */
export class Md5 extends Checksum {
  constructor() {
    super(() => createHash('md5'))
  }
}
