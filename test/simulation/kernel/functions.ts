import { running } from './clock.ts'
import { type Ended, type FunctionModel, type Instance, Invocation } from './invocation.ts'
import type { World } from './world.ts'

/** A deployed function and its instances. */
export class DeployedFunction {
  readonly model: FunctionModel
  readonly #world: World
  #instances: Instance[] = []
  #waiting: (() => void)[] = []
  #invocations = 0
  #coldStarts = 0
  #isReleased = false

  constructor(world: World, model: FunctionModel) {
    this.#world = world
    this.model = model
  }

  /** Whether another invocation may start. */
  get isFree(): boolean {
    return this.#instances.filter(({ busy }) => busy).length < this.model.concurrency
  }

  get isBusy(): boolean {
    return this.#instances.some(({ busy }) => busy)
  }

  /** Deploys the next release: existing instances finish their invocations and start no others. */
  release(): void {
    this.#isReleased = true
    for (const instance of this.#instances) instance.alive = false
    this.#instances = this.#instances.filter(({ busy }) => busy)
  }

  /** Starts an invocation, or queues it while the concurrency is used up; `then` gets the result. */
  invoke(event: unknown, then: (ended: Ended) => void): void {
    if (this.isFree) this.#start(event, then)
    else this.#waiting.push(() => this.#start(event, then))
  }

  #instance(id: string): Instance {
    const { chance } = this.#world
    const idle = this.#instances.filter(({ busy }) => !busy)
    const reuse = idle.length > 0 && !chance.happens(`${id} cold`, this.#world.options.coldStartRate)
    if (reuse) return chance.pick(`${id} instance`, idle)
    const name = `${this.model.name}/${++this.#coldStarts}`
    const { skewMs } = this.#world.options
    const instance = {
      name,
      handler: (this.#isReleased && this.model.createNext ? this.model.createNext : this.model.create)(),
      busy: false,
      alive: true,
      skewMs: skewMs === 0 ? 0 : chance.between(`${name} skew`, -skewMs, skewMs),
    }
    this.#instances.push(instance)
    return instance
  }

  #start(event: unknown, then: (ended: Ended) => void): void {
    const world = this.#world
    const id = `${this.model.name}:${++this.#invocations}`
    const instance = this.#instance(id)
    instance.busy = true
    const end = (ended: Ended) => {
      this.#instances = this.#instances.filter(({ alive }) => alive)
      // Leave the handler's async context, so that the callback does not run as its invocation.
      world.timeline.after(0, () => {
        then(ended)
        this.#waiting.shift()?.()
      })
    }
    const invocation = new Invocation({ id, model: this.model, instance, world, end })
    world.timeline.at(invocation.deadline, () => {
      if (!invocation.alive) return
      world.log(id, 'is killed at its time-out')
      invocation.die()
    })
    world.timeline.after(1, () => {
      if (!invocation.alive) return
      if (this.model.isWorker && world.isOut('workers')) {
        world.log(id, 'crashes as it starts')
        invocation.die()
        return
      }
      running.run(invocation, () => {
        instance.handler(event as never, invocation.context).then(
          (answer) => invocation.end({ kind: 'answered', answer }),
          (error: unknown) => {
            world.log(id, 'throws', error)
            invocation.end({ kind: 'crashed', error })
          },
        )
      })
      return true
    })
  }
}
