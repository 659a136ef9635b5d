import * as z from 'zod'
import type { Iam } from '../iam.ts'
import { arnOf, resource } from './aws-service.ts'
import type { Lambda } from './lambda.ts'

const schedule = {
  ScheduleExpression: z.string().regex(/^rate\(\d+ minutes?\)$/, 'only rate(… minutes) is emulated'),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
  Target: z.strictObject({
    Arn: z.string(),
    RoleArn: z.string(),
    Input: z.string().default('{}'),
    RetryPolicy: z.unknown().optional(),
  }),
}

/**
 * EventBridge Scheduler with `rate(…)` schedules. The interval is divided by `speed` here, because a template cannot ask
 * for less than a minute. A run is skipped if the previous one has not finished.
 */
export const createScheduler = (deps: { lambda: Lambda; iam: Pick<Iam, 'authorize'>; speed: number }) => {
  const { lambda, iam, speed } = deps
  const timers: NodeJS.Timeout[] = []
  return {
    resources: {
      'AWS::Scheduler::Schedule': resource(schedule, '', ({ ScheduleExpression, Target }, { name, path }) => {
        const target = lambda.get(Target.Arn)
        let running = false
        const run = async () => {
          if (running) return
          running = true
          try {
            const caller = { name: 'scheduler', roleArn: Target.RoleArn }
            await iam.authorize(caller, 'lambda:InvokeFunction', target.arn)
            await target.invoke(JSON.parse(Target.Input))
          } catch (error) {
            console.error(`local: schedule ${path}: ${error}`)
          }
          running = false
        }
        timers.push(setInterval(run, (Number.parseInt(ScheduleExpression.slice(5), 10) * 60_000) / speed))
        return { ref: name, attributes: { Arn: arnOf('scheduler', `schedule/default/${name}`) } }
      }),
    },
    close: () => timers.forEach(clearInterval),
  }
}
