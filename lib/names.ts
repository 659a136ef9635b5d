/** Maps each value of a record. */
export const mapValues = <From, To>(
  record: Readonly<Record<string, From>>,
  make: (value: From, name: string) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(value, name)]))

/** A construct's id for hyphenated words: `CreateOrder` for `create-order`. */
export const constructIdOf = (words: string): string =>
  words.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase())

/** The id of a lane's construct in its stack, such as `LogisticsCarrier`. */
export const laneIdOf = (step: string, vendor: string): string => constructIdOf(`${step}-${vendor}`)
