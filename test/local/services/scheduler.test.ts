import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { Lambda } from '../../../local/services/lambda.ts'
import { createScheduler } from '../../../local/services/scheduler.ts'
import { bringUp } from '../emulated.ts'

describe('a schedule', () => {
  let end: () => void
  const invoke = jest.fn<(event: unknown) => Promise<void>>()
  const authorize = jest.fn<(caller: object, action: string, resource: string) => Promise<void>>()
  let scheduler: ReturnType<typeof createScheduler>

  beforeEach(() => {
    jest.useFakeTimers()
    jest.spyOn(console, 'error').mockImplementation(() => {})
    invoke.mockReset().mockImplementation(() => new Promise((resolve) => (end = resolve)))
    authorize.mockReset().mockResolvedValue()
    const lambda = { get: (arn: string) => ({ arn, invoke }) } as unknown as Lambda
    scheduler = createScheduler({ lambda, speed: 10, iam: { authorize } })
  })
  afterEach(() => {
    scheduler.close()
    jest.useRealTimers()
    jest.restoreAllMocks()
  })

  const create = (ScheduleExpression: string, Input?: string) =>
    bringUp(scheduler.resources, 'AWS::Scheduler::Schedule', 's', {
      ScheduleExpression,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: 'arn:f', RoleArn: 'arn:role', ...(Input && { Input }) },
    })

  test('invokes its function at its rate divided by the speed, as its role', async () => {
    await create('rate(1 minute)', '{"a":1}')
    await jest.advanceTimersByTimeAsync(5999)
    expect(invoke).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(1)
    expect(invoke).toHaveBeenCalledWith({ a: 1 })
    const caller = { name: 'scheduler', roleArn: 'arn:role' }
    expect(authorize).toHaveBeenCalledWith(caller, 'lambda:InvokeFunction', 'arn:f')
  })

  test('skips a run while the previous one has not finished', async () => {
    await create('rate(2 minutes)')
    await jest.advanceTimersByTimeAsync(36_000)
    expect(invoke).toHaveBeenCalledTimes(1)
    end()
    await jest.advanceTimersByTimeAsync(12_000)
    expect(invoke).toHaveBeenCalledTimes(2)
  })

  test('does not invoke a function that its role may not invoke, and tries again', async () => {
    authorize.mockRejectedValueOnce(new Error('not authorized'))
    await create('rate(1 minute)')
    await jest.advanceTimersByTimeAsync(6000)
    expect(invoke).not.toHaveBeenCalled()
    await jest.advanceTimersByTimeAsync(6000)
    expect(invoke).toHaveBeenCalledTimes(1)
  })

  test('is refused if it is not a rate', async () => {
    await expect(create('cron(0 * * * ? *)')).rejects.toThrow('only rate(… minutes) is emulated')
  })
})
