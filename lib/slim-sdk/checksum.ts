import { createHmac, hash } from 'node:crypto'

/**
 * Stands in for `@smithy/core/checksum` in the bundles (see plugin.ts): the hashes of our calls by node:crypto,
 * without the SDK's own implementations for places that have none. Plain hashes are taken in one go.
 */
class Checksum {
  #data: string | Uint8Array = ''
  readonly #digest: (data: string | Uint8Array) => Uint8Array

  constructor(digest: (data: string | Uint8Array) => Uint8Array) {
    this.#digest = digest
  }

  update(data: string | Uint8Array): void {
    this.#data = this.#data.length === 0 ? data : Buffer.concat([Buffer.from(this.#data), Buffer.from(data)])
  }

  async digest(): Promise<Uint8Array> {
    return this.#digest(this.#data)
  }

  reset(): void {
    this.#data = ''
  }
}

/** Signs requests. */
export class Sha256 extends Checksum {
  constructor(secret?: string | Uint8Array) {
    super((data) =>
      secret ? createHmac('sha256', secret).update(data).digest() : hash('sha256', data, 'buffer'),
    )
  }
}

/** Checks what SQS says of a message. */
export class Md5 extends Checksum {
  constructor() {
    super((data) => hash('md5', data, 'buffer'))
  }
}
