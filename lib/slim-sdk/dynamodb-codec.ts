/**
 * Stands in for `@aws-sdk/dynamodb-codec` in the bundles (see plugin.ts). What our functions ask of DynamoDB and
 * get from it is the JSON on the wire as it stands: it has no binaries and no times, for which the SDK walks
 * through every attribute, by its schema.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
 */
class Codec {
  /** The SDK offers its encoders of binaries and text. */
  setSerdeContext(): void {}
}

class Serializer extends Codec {
  #body = ''

  write(_schema: unknown, input: object): void {
    this.#body = JSON.stringify(input)
  }

  flush(): string {
    return this.#body
  }
}

class Deserializer extends Codec {
  async read(_schema: unknown, { buffer, byteOffset, byteLength }: Uint8Array): Promise<object> {
    return JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString())
  }

  readObject(_schema: unknown, value: unknown): unknown {
    return value
  }
}

/** What DynamoDB's client makes its requests and reads its answers with. */
export class DynamoDBJsonCodec2 extends Codec {
  createSerializer(): Serializer {
    return new Serializer()
  }

  createDeserializer(): Deserializer {
    return new Deserializer()
  }
}
