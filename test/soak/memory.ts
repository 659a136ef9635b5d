import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Every process: its id, its parent's id, and its resident memory in KiB. */
const processes = (): number[][] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number))

/** Resident memory in MiB of a process's largest child. The embedded cloud's children are function instances. */
export function largestChildMiB(parent: number): number {
  const sizes = processes().flatMap(([, ppid, rss = 0]) => (ppid === parent ? [rss] : []))
  return Math.max(0, ...sizes) / 1024
}

/** A process's proportional set size in KiB; 0 if it has just ended. */
function proportionalKiB(pid: number): number {
  try {
    return Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/**
 * Memory in MiB of a process and its children, with shared pages counted once: Linux's proportional set size,
 * https://docs.kernel.org/filesystems/proc.html. 0 on other systems.
 */
export function familyMiB(parent: number): number {
  const family = processes().flatMap(([pid = 0, ppid]) => (pid === parent || ppid === parent ? [pid] : []))
  return family.reduce((sum, pid) => sum + proportionalKiB(pid), 0) / 1024
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** The value below which this many percent of the values are. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0
}
