import * as z from 'zod'
import type { Iam } from '../iam.ts'
import { arnOf, type Deploy, resource } from './aws-service.ts'
import type { Lambda } from './lambda.ts'

const noEffect = z.unknown().optional()
const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

const rate = z.string().transform((expression, context): number => {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? []
  if (count && unit) return Number(count) * unitMs[unit as keyof typeof unitMs]
  context.addIssue(`only rate(...) is emulated, not ${expression}`)
  return z.NEVER
})

const schedule = z.strictObject({
  Name: z.string().optional(),
  Description: noEffect,
  GroupName: noEffect,
  ScheduleExpression: rate,
  ScheduleExpressionTimezone: noEffect,
  FlexibleTimeWindow: z.object({ Mode: z.literal('OFF') }),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Target: z.strictObject({
    Arn: z.string(),
    RoleArn: z.string(),
    Input: z.string().optional(),
    RetryPolicy: noEffect,
    DeadLetterConfig: noEffect,
  }),
})

/**
 * EventBridge Scheduler: `rate(...)`, divided by the speed since a rate cannot be below a minute on AWS. A run that is
 * not over when the next one is due lets that one pass.
 */
export const createScheduler = (deps: {
  lambda: Lambda
  speed: number
  iam: Pick<Iam, 'authorize'>
}): { resources: Record<string, Deploy>; close: () => void } => {
  const { lambda, speed, iam } = deps
  const timers: NodeJS.Timeout[] = []
  return {
    resources: {
      'AWS::Scheduler::Schedule': resource(schedule, (properties, { name, path }) => {
        const { ScheduleExpression: everyMs, Target, State } = properties
        let running = false
        const run = async () => {
          if (running) return
          running = true
          try {
            const target = lambda.get(Target.Arn)
            await iam.authorize(
              { name: 'scheduler', roleArn: Target.RoleArn },
              'lambda:InvokeFunction',
              target.arn,
            )
            await target.invoke(JSON.parse(Target.Input ?? '{}'))
          } catch (error) {
            console.error(`local: schedule ${path}: ${error}`)
          } finally {
            running = false
          }
        }
        if (State === 'ENABLED') timers.push(setInterval(run, everyMs / speed))
        const ref = properties.Name ?? name
        return { ref, attributes: { Arn: arnOf('scheduler', `schedule/default/${ref}`) } }
      }),
    },
    close: () => {
      for (const timer of timers) clearInterval(timer)
    },
  }
}
