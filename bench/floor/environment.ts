import { environment } from '../../test/lambdas/environment.ts'

/** The functions' environment while they are measured: valid values, and endpoints that do not exist. */
export const functionEnvironment: NodeJS.ProcessEnv = {
  ...environment,
  AWS_SESSION_TOKEN: 'bench',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
  AWS_ENDPOINT_URL: 'http://aws.invalid',
  TZ: ':UTC',
  // Lambda sets it for every invocation when tracing is on.
  _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1',
  POWERTOOLS_SERVICE_NAME: 'bench',
  POWERTOOLS_METRICS_NAMESPACE: 'Bench',
  LOG_LEVEL: 'INFO',
  QUEUE_URL: 'http://sqs.invalid/0/queue',
  DEAD_LETTER_QUEUE_URL: 'http://sqs.invalid/0/dlq',
}
