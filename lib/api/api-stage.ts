import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import { type HttpApi, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Settings } from '../config.ts'

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html: no personal data. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    at: AccessLogField.contextRequestTime(),
    route: AccessLogField.contextRouteKey(),
    status: AccessLogField.contextStatus(),
    latencyMs: AccessLogField.contextResponseLatency(),
    integrationLatencyMs: AccessLogField.contextIntegrationLatency(),
    integrationError: AccessLogField.contextIntegrationErrorMessage(),
    error: AccessLogField.contextErrorMessage(),
  }),
)

/** The `$default` stage: throttled, with an access log, deployed with every change. */
export function addDefaultStage(httpApi: HttpApi, settings: Settings): HttpStage {
  const { throttle } = settings
  const accessLog = new LogGroup(httpApi, 'AccessLog', { retention: settings.logRetentionDays })
  return new HttpStage(httpApi, 'DefaultStage', {
    httpApi,
    autoDeploy: true,
    throttle: { rateLimit: throttle.ratePerSecond, burstLimit: throttle.burst },
    accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: accessLogFormat },
  })
}
