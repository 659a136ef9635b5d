import { readdirSync, readFileSync } from 'node:fs'

/** A process that runs a function of an embedded cloud. */
export interface FunctionProcess {
  pid: string
  functionName: string
  /** CPU time that it has used since its start, in ms. */
  cpuMs: number
  /** The most memory that it ever had. */
  peakBytes: number
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // A process may end while it is looked at.
    return ''
  }
}

const fieldOf = (text: string, name: string): string =>
  new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? ''

const numbersIn = (folder: string): string[] => readdirSync(folder).filter((name) => /^\d+$/.test(name))

function processOf(pid: string, status: string): FunctionProcess[] {
  const functionName = /(?:^|\0)AWS_LAMBDA_FUNCTION_NAME=([^\0]+)/.exec(read(`/proc/${pid}/environ`))?.[1]
  if (functionName === undefined) return []
  // In ns, for each thread: https://docs.kernel.org/scheduler/sched-stats.html
  const threads = numbersIn(`/proc/${pid}/task`).map((thread) =>
    Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]),
  )
  const cpuMs = threads.reduce((sum, ns) => sum + ns / 1e6, 0)
  return [{ pid, functionName, cpuMs, peakBytes: Number(fieldOf(status, 'VmHWM')) * 1024 }]
}

/** The functions' processes that a process has started. Linux tells, in /proc. */
export function functionProcessesOf(parent: number): FunctionProcess[] {
  return numbersIn('/proc').flatMap((pid) => {
    const status = read(`/proc/${pid}/status`)
    return fieldOf(status, 'PPid') === `${parent}` ? processOf(pid, status) : []
  })
}
