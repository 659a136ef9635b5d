import { Aws } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import * as iam from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import type { ServiceFunction } from '../functions/service-function.ts'
import type { Settings } from '../settings.ts'
import { fiveMinutes, minute } from './metrics.ts'

/** What raises an alarm, and what it tells whoever is on call. */
export interface AlarmProps {
  /** Only for an alarm that is replaced when it changes; CloudFormation names the others. */
  name?: string
  /** One sentence that says what is wrong. */
  description: string
  /** The heading in docs/runbook.md that says what to do. */
  runbookHeading: string
  metric: cloudwatch.IMetric
  /** The alarm is raised above this value. */
  threshold: number
  /** Default: 1. */
  periods?: number
  /** Also notify on missing data. */
  silenceIsAlarming?: boolean
}

const graph = (title: string, props: Partial<cloudwatch.GraphWidgetProps> = {}) =>
  new cloudwatch.GraphWidget({
    title,
    width: 8,
    height: 6,
    leftYAxis: { min: 0, showUnits: false },
    ...props,
  })

/** The topic for alarms, and the one dashboard, which first of all answers three questions. */
export class Observability extends Construct {
  readonly queueDepth = graph('How deep are the queues?', { height: 8 })
  readonly workerFailures = graph('Which worker is failing? (by kind)', { height: 8, stacked: true })
  readonly vendorDown = graph('How long has each vendor been down? (seconds)', { height: 8 })
  readonly ordersPerMinute = graph('Orders per minute')
  readonly ordersWaiting = graph('Orders waiting for a vendor')
  readonly clickToReady = graph('From click to ready (seconds)')
  private readonly dashboard: cloudwatch.Dashboard
  private readonly topic: Topic
  private readonly runbookUrl: string

  constructor(scope: Construct, id: string, { alarms, environment }: Settings) {
    super(scope, id)
    this.runbookUrl = alarms.runbookUrl
    this.topic = new Topic(this, 'Alarms', { displayName: `Orders ${environment}`, enforceSSL: true })
    // enforceSSL adds a policy, which replaces the default one that lets the account's alarms publish.
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    )
    if (alarms.email) this.topic.addSubscription(new EmailSubscription(alarms.email))
    if (alarms.webhook) this.topic.addSubscription(new UrlSubscription(alarms.webhook))
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard')
    this.dashboard.addWidgets(this.queueDepth, this.workerFailures, this.vendorDown)
    this.dashboard.addWidgets(this.ordersPerMinute, this.ordersWaiting, this.clickToReady)
  }

  /** Adds a row of up to three graphs at the bottom. */
  addRow(title: string, ...graphs: { title: string; metrics: cloudwatch.IMetric[] }[]): void {
    this.dashboard.addWidgets(new cloudwatch.TextWidget({ markdown: `## ${title}`, width: 24, height: 1 }))
    this.dashboard.addWidgets(...graphs.map((each) => graph(each.title, { left: each.metrics })))
  }

  /** The only way to create an alarm: it notifies the topic, and its description links to its runbook heading. */
  alarm(scope: Construct, id: string, props: AlarmProps): cloudwatch.Alarm {
    const { name, description, runbookHeading, metric, threshold, periods = 1, silenceIsAlarming } = props
    const alarm = new cloudwatch.Alarm(scope, id, {
      ...(name && { alarmName: name }),
      alarmDescription: `${description} What to do: ${this.runbookUrl}#${anchorOf(runbookHeading)}`,
      metric,
      threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: cloudwatch.TreatMissingData[silenceIsAlarming ? 'MISSING' : 'NOT_BREACHING'],
    })
    const action = new SnsAction(this.topic)
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
    // A new alarm starts in this state, so it does not notify before there has been data.
    if (silenceIsAlarming) alarm.addInsufficientDataAction(action)
    return alarm
  }

  /** Alarms on a function's crashes and throttles. Returns its graph. */
  observeFunction(observed: ServiceFunction) {
    const { name, function: lambda } = observed
    this.alarm(observed, 'Crashes', {
      description: `${name} crashes or times out.`,
      runbookHeading: 'A function crashes',
      metric: lambda.metricErrors(fiveMinutes),
      threshold: 0,
    })
    this.alarm(observed, 'Throttled', {
      description: `${name} is throttled: the account has no concurrency left for it.`,
      runbookHeading: 'A function is throttled',
      metric: lambda.metricThrottles(fiveMinutes),
      threshold: 0,
      periods: 3,
    })
    const metrics = [
      lambda.metricInvocations({ ...minute, label: 'invocations' }),
      lambda.metricErrors({ ...minute, label: 'crashes' }),
      lambda.metricThrottles({ ...minute, label: 'throttles' }),
    ]
    return { title: 'Function', metrics }
  }
}

/** https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')
