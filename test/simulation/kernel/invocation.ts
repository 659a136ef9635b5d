import type { Context } from 'aws-lambda'
import type { World } from './world.ts'

/** A function as it is deployed. */
export interface FunctionModel {
  name: string
  timeoutMs: number
  concurrency: number
  /** A cold start: the handler of a new instance. */
  create: () => (event: never, context: Context) => Promise<unknown>
  /** A cold start of the next release, where that differs. */
  createNext?: () => (event: never, context: Context) => Promise<unknown>
  isWorker?: boolean
}

/** One instance of a function: its handler's closure is all its memory. */
export interface Instance {
  readonly name: string
  readonly handler: (event: never, context: Context) => Promise<unknown>
  /** How wrong its clock goes. */
  readonly skewMs: number
  busy: boolean
  alive: boolean
}

/** What became of an invocation: its answer, or that it crashed or was killed. */
export type Ended = { kind: 'answered'; answer: unknown } | { kind: 'crashed'; error?: unknown }

/** One run of a handler. Where it dies its promise stays open for good: nothing of it goes on. */
export class Invocation {
  readonly id: string
  readonly functionName: string
  readonly instance: Instance
  readonly world: World
  readonly deadline: number
  readonly #end: (ended: Ended) => void
  #randoms = 0
  alive = true

  constructor(options: {
    id: string
    model: FunctionModel
    instance: Instance
    world: World
    end: (ended: Ended) => void
  }) {
    const { id, model, instance, world, end } = options
    this.id = id
    this.functionName = model.name
    this.instance = instance
    this.world = world
    this.deadline = world.timeline.now + model.timeoutMs
    this.#end = end
  }

  get context(): Context {
    return {
      callbackWaitsForEmptyEventLoop: false,
      functionName: this.functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:eu-west-1:000000000000:function:${this.functionName}`,
      memoryLimitInMB: '256',
      awsRequestId: this.id,
      logGroupName: this.functionName,
      logStreamName: this.instance.name,
      getRemainingTimeInMillis: () => this.deadline - this.world.timeline.now,
      done: () => {},
      fail: () => {},
      succeed: () => {},
    }
  }

  random(): number {
    return this.world.chance.between(`${this.id} random ${this.#randoms++}`, 0, 999) / 1000
  }

  /** The handler came to its end. */
  end(ended: Ended): void {
    if (!this.alive) return
    this.alive = false
    this.instance.busy = false
    this.#end(ended)
  }

  /** The instance dies, and all that it was about to do. */
  die(): void {
    if (!this.alive) return
    this.instance.alive = false
    this.end({ kind: 'crashed' })
  }
}
