/**
 * How Lambda's nodejs24.x starts Node.js with so much memory, in MB: nine tenths of it for the old generation, a
 * twentieth for the young one, which has three semi-spaces. https://dev.to/wonderfulsoap/deep-dive-into-aws-lambda-3-official-nodejs-runtime-analysis-43je
 */
export const heapOptions = (memoryMb: number): string[] => {
  const tenth = Math.floor(memoryMb / 10)
  return [`--max-old-space-size=${memoryMb - tenth}`, `--max-semi-space-size=${Math.floor(tenth / 6)}`]
}
