import { type AwsService, arnOf, type Json, notEmulated } from './aws-service.ts'

/** The calls of CloudWatch Logs that tools write with; each line is passed to `write` with its log group's name. */
export const createCloudWatchLogs = (write: (logGroup: string, line: string) => void): AwsService => ({
  permissions: (action, { logGroupName }) => [
    { action: `logs:${action}`, resource: arnOf('logs', `log-group:${logGroupName}:*`) },
  ],
  call: async (action, { logGroupName, logEvents }): Promise<Json> => {
    if (action === 'PutLogEvents' && Array.isArray(logEvents))
      for (const { message } of logEvents) write(String(logGroupName), String(message))
    else if (action !== 'CreateLogStream') throw notEmulated(`logs:${action}`)
    return {}
  },
})
