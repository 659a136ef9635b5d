import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { AwsError, type Json } from '../models/aws-error.ts'
import { sdk } from '../times.ts'
import { running } from './clock.ts'
import type { Fault } from './fault-points.ts'
import type { Invocation } from './invocation.ts'
import { labelOf, tableOf } from './labels.ts'
import { vendorNames } from './options.ts'
import type { World } from './world.ts'

/** How long the SDK waits before a retry. */
const retryWaitMs = 50

const named = (name: string, message = name): Error => Object.assign(new Error(message), { name })

/** The error that an SDK client throws for a service's error response. */
function toSdkError(error: AwsError): Error {
  if (error.code !== 'ConditionalCheckFailedException') return named(error.code, error.message)
  const { Item } = error.fields
  return new ConditionalCheckFailedException({
    message: error.message,
    $metadata: {},
    ...(Item !== undefined && {
      Item: Item as ConstructorParameters<typeof ConditionalCheckFailedException>[0]['Item'] & object,
    }),
  })
}

/** What happens to one attempt of a call. */
interface Fate {
  /** When it takes effect, if ever, and when the caller sees the response or failure. In ms from now. */
  effectMs?: number | undefined
  answerMs: number
  failure?: string
  dies?: 'before' | 'after'
}

/** The fate of an attempt with a fault. */
function fateOf(
  fault: Fault | undefined,
  attempt: number,
  { ms, lateMs, timeoutMs }: Record<'ms' | 'lateMs' | 'timeoutMs', number>,
): Fate {
  const timeOut = { answerMs: timeoutMs, failure: 'TimeoutError' }
  switch (fault) {
    case 'die before':
      return { answerMs: 0, dies: 'before' }
    case 'die after':
      return { effectMs: ms, answerMs: 2 * ms, dies: 'after' }
    case 'answer lost':
      return attempt === 1 ? { effectMs: ms, ...timeOut } : { effectMs: ms, answerMs: 2 * ms }
    case 'unanswered':
      return { effectMs: ms, ...timeOut }
    case 'never arrives':
      return timeOut
    case 'throttled':
      return { answerMs: 2 * ms, failure: 'ThrottlingException' }
    case 'arrives late':
      return attempt === 1 ? { effectMs: lateMs, ...timeOut } : { effectMs: ms, answerMs: 2 * ms }
    case 'arrives too late':
      return attempt === 1 ? { effectMs: lateMs, ...timeOut } : timeOut
    default:
      return { effectMs: ms, answerMs: 2 * ms }
  }
}

/**
 * Sends an SDK call of the running invocation to the models, with the SDK's time-outs and retries, and with the fault
 * that the plan injects here, if any.
 */
export function callAws(service: string, action: string, input: Json): Promise<Json> {
  const invocation = running.getStore()
  if (!invocation) throw new Error(`A call of ${service}:${action} outside the simulation`)
  return new Promise((resolve, reject) => {
    if (invocation.alive) send(invocation, { service, action, input, resolve, reject })
  })
}

/** Whether an outage affects the call. */
function isOut(world: World, service: string, input: Json): boolean {
  const { SecretId } = input
  if (service !== 'secretsmanager') {
    const table = tableOf(input)
    return (table === 'locks' || table === 'orders') && world.isOut(table)
  }
  const vendor = vendorNames.find((name) => String(SecretId).endsWith(name))
  return vendor !== undefined && world.outageOf(vendor) === 'has no credential'
}

interface Call {
  service: string
  action: string
  input: Json
  resolve: (answer: Json) => void
  reject: (error: unknown) => void
}

function send(invocation: Invocation, call: Call): void {
  const { world } = invocation
  const { service, action, input } = call
  const { timeline, chance } = world
  const { text, kind } = labelOf(service, action, input)
  const injected = world.inject(`${invocation.functionName}: ${text}`, kind)
  const { address } = injected
  const fault = injected.fault ?? (isOut(world, service, input) ? 'throttled' : undefined)
  const ms = world.latencyMs(address)
  const lateMs = chance.between(`${address} lateness`, 1500, 6000)
  const stallMs = fault === 'stall' ? chance.between(`${address} stall`, 1000, 25_000) : 0
  const timeoutMs = service === 'events' ? sdk.busTimeoutMs : sdk.requestTimeoutMs

  function attempt(number: number): void {
    const fate = fateOf(fault, number, { ms, lateMs, timeoutMs })
    if (fate.dies === 'before') {
      invocation.die()
      return
    }
    let answer: Json | AwsError | undefined
    if (fate.effectMs !== undefined)
      timeline.after(fate.effectMs, () => {
        answer = world.effect(invocation, { service, action, input }, fault === 'refused in part')
        const refusal = answer instanceof AwsError ? `refused: ${answer.code}` : ''
        world.log(invocation.id, text, fault ?? '', refusal)
        if (fate.dies === 'after') invocation.die()
      })
    timeline.after(fate.answerMs + stallMs, () => {
      if (!invocation.alive) return false
      if (fate.failure === undefined)
        if (answer instanceof AwsError) call.reject(toSdkError(answer))
        else call.resolve(answer ?? {})
      else if (number < sdk.attempts) {
        timeline.after(retryWaitMs, () => invocation.alive && attempt(number + 1))
        return false
      } else {
        world.log(invocation.id, text, `${fault}: ${fate.failure}`)
        call.reject(named(fate.failure))
      }
      return true
    })
  }
  attempt(1)
}
