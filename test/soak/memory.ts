import { execFileSync } from 'node:child_process'

/** Resident memory in MiB of the largest child of a process: of the embedded cloud's, its functions' instances. */
export function largestChildMiB(parent: number): number {
  const rows = execFileSync('ps', ['-A', '-o', 'ppid=,rss='], { encoding: 'utf8' }).trim().split('\n')
  const sizes = rows
    .map((row) => row.trim().split(/\s+/).map(Number))
    .filter(([ppid]) => ppid === parent)
    .map(([, rss = 0]) => rss)
  return Math.max(0, ...sizes) / 1024
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** The value below which this many percent of the values are. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0
}
