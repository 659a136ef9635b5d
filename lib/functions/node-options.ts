/**
 * NODE_OPTIONS of a function with so much memory, in MB, where it needs any. Up to 512 MB Node.js 24 gives V8 a young
 * generation of 1 MiB, which the messages of a batch fill before they are done: V8 copies what they hold, twice, and
 * later collects it with what is old. With 8 MiB most of it is gone by then.
 * https://nodejs.org/api/cli.html#--max-semi-space-sizesize-in-mib
 */
export const nodeOptionsFor = (memoryMb: number): string | undefined =>
  memoryMb <= 512 ? '--max-semi-space-size=8' : undefined
