/**
 * NODE_OPTIONS that give a process the heap of a function with so much memory, in MB, and then what the function
 * itself wants. Node.js sizes its young generation by the memory that it finds; on a laptop that is many times a
 * function's, and what a function then takes says little of what it takes on Lambda. The sizes are those that
 * Node.js 24 chooses under a memory limit: https://nodejs.org/api/cli.html#--max-semi-space-sizesize-in-mib
 */
export const heapOptions = (memoryMb: number, own = ''): string =>
  `--max-old-space-size=${memoryMb} --max-semi-space-size=${memoryMb <= 512 ? 1 : 16} ${own}`
