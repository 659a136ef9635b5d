import type { Context } from 'aws-lambda'
import type { World } from './world.ts'

/** A function as deployed. */
export interface FunctionModel {
  name: string
  timeoutMs: number
  concurrency: number
  /** A cold start: creates the handler of a new instance. */
  create: () => (event: never, context: Context) => Promise<unknown>
  /** A cold start of the next release, if that differs. */
  createNext?: () => (event: never, context: Context) => Promise<unknown>
  isWorker?: boolean
}

/** One instance of a function. Its only memory is its handler's closure. */
export interface Instance {
  readonly name: string
  readonly handler: (event: never, context: Context) => Promise<unknown>
  /** The error of its clock. */
  readonly skewMs: number
  busy: boolean
  alive: boolean
}

/** How an invocation ended: with a response, or because it crashed or was killed. */
export type Ended = { kind: 'answered'; answer: unknown } | { kind: 'crashed'; error?: unknown }

/** One run of a handler. If it dies, its promises never settle, so none of its code continues. */
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

  /** Records that the handler has ended. */
  end(ended: Ended): void {
    if (!this.alive) return
    this.alive = false
    this.instance.busy = false
    this.#end(ended)
  }

  /** Kills the instance and everything that it was about to do. */
  die(): void {
    if (!this.alive) return
    this.instance.alive = false
    this.end({ kind: 'crashed' })
  }
}
