import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Faults } from '../../vendors/faults.ts'
import type { LedgerEntry } from '../../vendors/protocol.ts'
import { until } from '../until.ts'
import { violations } from './openapi-conformance.ts'

const root = join(import.meta.dirname, '..', '..')

/** A queue as `/_local/queues` lists it. */
export interface QueueState {
  name: string
  url: string
  visible: number
  inFlight: number
  delayed: number
  deadLetterQueue: boolean
}

/** The fields of GET's response that tests read. */
export interface OrderView {
  orderId: string
  status: string
  awb?: string
  wmsReference?: string
  attention?: {
    state: string
    step: string
    reason: string
    attempts: number
    since: string
    nextAttemptAt?: string
  }
  timeline: { at: string; type: string; step?: string; reason?: string; nextAttemptAt?: string }[]
}

/** An event that the bus accepted. */
export interface BusEvent {
  'detail-type': string
  detail: {
    metadata: { eventId: string }
    data: { orderId: string; lane?: string; attention?: { reason: string } }
  }
}

/** An HTTP response with its body. */
export interface Answer<Body = unknown> {
  status: number
  headers: Headers
  body: Body
}

/** A command's output and exit code. */
export interface Ended {
  exitCode: number
  stdout: string
  stderr: string
}

/** Runs `orderctl` without a terminal, as a script would. */
export const runOrderctl = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
  new Promise((resolve) => {
    const command = [join(root, 'ops', 'orderctl.ts'), ...args]
    execFile(
      process.execPath,
      command,
      { cwd: root, env: { ...env, NODE_OPTIONS: '' } },
      (error, stdout, stderr) => resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr }),
    )
  })

async function read<Body>(response: Response): Promise<Answer<Body>> {
  const text = await response.text()
  const body = text === '' ? undefined : JSON.parse(text)
  return { status: response.status, headers: response.headers, body }
}

/** A client of the orders API and of the control API. */
export class Cloud {
  readonly url: string
  /** The id of the cloud's process, whose children are the functions' instances. */
  readonly pid: number | undefined
  readonly #stop: () => Promise<void>

  constructor(url: string, pid: number | undefined, stop: () => Promise<void>) {
    this.url = url
    this.pid = pid
    this.#stop = stop
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  /**
   * Sends a request with only the given headers.
   * @throws {Error} if the response does not conform to openapi.json
   */
  async request<Body = unknown>(method: string, path: string, init: RequestInit = {}): Promise<Answer<Body>> {
    const answer = await read<Body>(await fetch(`${this.url}${path}`, { ...init, method }))
    const untrue = path.startsWith('/_local') ? [] : violations({ method, path, ...answer })
    if (untrue.length === 0) return answer
    throw new Error(
      `${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}, which is not true to openapi.json: ${untrue.join(' ')}`,
    )
  }

  async #control<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.request<Body>(method, `/_local${path}`, {
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async token(sub = 'shop-1', scope = 'orders/write orders/read'): Promise<string> {
    return (await this.#control<{ token: string }>('POST', '/token', { sub, scope })).token
  }

  /** Places an order; `key` is its Idempotency-Key. */
  async place<Body = { orderId: string; status: string }>(
    token: string,
    order: unknown,
    key?: string,
  ): Promise<Answer<Body>> {
    return this.request<Body>('POST', '/orders', {
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: JSON.stringify(order),
    })
  }

  #look(token: string, orderId: string): Promise<Answer<OrderView>> {
    return this.request('GET', `/orders/${orderId}`, { headers: { authorization: `Bearer ${token}` } })
  }

  async order(token: string, orderId: string): Promise<OrderView> {
    const { status, body } = await this.#look(token, orderId)
    if (status !== 200) throw new Error(`GET /orders/${orderId} answered ${status}`)
    return body
  }

  /** Polls until the result is as wanted, with this cloud's time limit. */
  until<T>(ask: () => Promise<T>, isThere: (answer: T) => boolean): Promise<T> {
    return until(ask, isThere)
  }

  /** Polls an order until it is as wanted. A 5xx, as from a process that gets no CPU, is retried. */
  async follow(token: string, orderId: string, isThere: (order: OrderView) => boolean): Promise<OrderView> {
    const isAsWanted = ({ status, body }: Answer<OrderView>): boolean => {
      if (status !== 200 && status < 500) throw new Error(`GET /orders/${orderId} answered ${status}`)
      return status === 200 && isThere(body)
    }
    return (await this.until(() => this.#look(token, orderId), isAsWanted)).body
  }

  /** Runs `orderctl` against this cloud. */
  orderctl(...args: string[]): Promise<Ended> {
    return runOrderctl(args, { ...process.env, AWS_ENDPOINT_URL: this.url })
  }

  faults(vendor: 'logistics' | 'wms' | 'easypost', faults: Partial<Faults>): Promise<Faults> {
    return this.#control('PUT', `/vendors/${vendor}`, faults)
  }

  async ledger(vendor: 'logistics' | 'wms' | 'easypost'): Promise<LedgerEntry[]> {
    return (await this.#control<{ entries: LedgerEntry[] }>('GET', `/vendors/${vendor}/ledger`)).entries
  }

  kill(functionName: string): Promise<unknown> {
    return this.#control('POST', `/functions/${functionName}/kill`)
  }

  dropEvents(count: number): Promise<unknown> {
    return this.#control('POST', '/events/drop', { count })
  }

  async events(): Promise<BusEvent[]> {
    return (await this.#control<{ events: BusEvent[] }>('GET', '/events')).events
  }

  async queues(): Promise<QueueState[]> {
    return (await this.#control<{ queues: QueueState[] }>('GET', '/queues')).queues
  }
}

/** Log messages about a variable or grant missing from a template. A suite in which one occurs fails. */
const wiringProblems =
  /The function's environment is wrong: [^\n"]+|User: \S+ is not authorized to perform: [^\n"]+/g

/**
 * Starts a separate embedded cloud on a free port: `npm start` as a child process, in this folder or another one with
 * the code.
 */
export async function startCloud({
  speed = 20,
  folder = root,
  orderctl = join(folder, 'ops', 'orderctl.ts'),
  node = process.execPath,
  vendors = {},
  port = 0,
}: {
  speed?: number
  /** By default any free port. */
  port?: number
  folder?: string
  /** The path of `orderctl`, if the folder has the package installed. */
  orderctl?: string
  /** The Node.js that runs it. */
  node?: string
  /** URLs of vendors without a simulator, by name. */
  vendors?: Record<string, string>
} = {}): Promise<Cloud> {
  const own = Object.entries(vendors).flatMap(([name, url]) => ['--vendor', `${name}=${url}`])
  const child = spawn(node, [orderctl, 'start', '--speed', `${speed}`, ...own], {
    cwd: folder,
    env: { ...process.env, PORT: `${port}`, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const output: string[] = []
  const misdeployed = new Set<string>()
  child.stderr.on('data', (chunk) => {
    output.push(`${chunk}`)
    for (const [problem] of `${chunk}`.matchAll(wiringProblems)) misdeployed.add(problem)
  })
  let url: string | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    output.push(line)
    url ??= /^API\s+(http\S+)/.exec(line)?.[1]
    if (line.startsWith('Ready')) break
  }
  if (url === undefined) throw new Error(`The embedded cloud did not start:\n${output.join('\n')}`)
  child.stdout.resume()
  return new Cloud(url, child.pid, async () => {
    child.kill('SIGTERM')
    await exited
    if (misdeployed.size > 0) throw new Error(`The stack is wired wrongly:\n${[...misdeployed].join('\n')}`)
  })
}
