import {
  CfnOutput,
  Duration,
  RemovalPolicies,
  RemovalPolicy,
  Stack,
  type StackProps,
  Validations,
} from 'aws-cdk-lib'
import { Table } from 'aws-cdk-lib/aws-dynamodb'
import { Archive, EventBus, type IEventBus } from 'aws-cdk-lib/aws-events'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { linkOf, type StepName } from '../lambdas/domain/chain.ts'
import { eventSource } from '../lambdas/domain/events.ts'
import type { Settings } from './config.ts'
import type { VendorConfig } from './config-schema.ts'
import { OrderTable, tableProps } from './data/tables.ts'
import { type JwtIssuer, TokenIssuer } from './data/token-issuer.ts'
import { constructIdOf, forEachStep } from './steps.ts'
import type { Bus } from './workers/queue-worker.ts'

/** The environment's settings decide what is kept when the stack goes. */
export interface StatefulStackProps extends StackProps {
  settings: Settings
  /** An existing bus to publish to; without it the stack makes one. */
  bus?: Bus
  /** An existing issuer of tokens, before the config's; without either the stack makes a user pool. */
  jwt?: JwtIssuer
}

/** What must survive every deployment: orders, locks, breakers, the bus with its archive, credentials. */
export class StatefulStack extends Stack {
  readonly orderTable: OrderTable
  /** The workers' locks: Powertools idempotency records, which expire by themselves. */
  readonly idempotencyTable: Table
  /** One item per vendor: its circuit breaker. */
  readonly circuitBreakerTable: Table
  readonly bus: Bus
  readonly vendorSecrets: Record<StepName, Pick<ISecret, 'secretArn'>>
  readonly jwt: JwtIssuer

  constructor(scope: Construct, id: string, { settings, bus, jwt, ...props }: StatefulStackProps) {
    super(scope, id, { ...props, terminationProtection: settings.retainData })
    const removal = settings.retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY
    RemovalPolicies.of(this).apply(removal)
    this.orderTable = new OrderTable(this, 'OrderTable', settings)
    new CfnOutput(this, 'OutboxShards', { value: `${settings.outbox.shards}` })
    const rates = forEachStep((step) => settings.vendors[step].ratePerSecond)
    new CfnOutput(this, 'RatesPerSecond', { value: JSON.stringify(rates) })
    this.idempotencyTable = new Table(this, 'IdempotencyTable', {
      ...tableProps('id', settings),
      timeToLiveAttribute: 'expiration',
    })
    this.circuitBreakerTable = new Table(this, 'CircuitBreakerTable', tableProps('vendor', settings))
    const ownBus = bus ? undefined : new EventBus(this, 'Bus')
    this.bus = bus ?? (ownBus as Bus)
    new Archive(ownBus ?? this, 'Archive', {
      sourceEventBus: this.bus as IEventBus,
      description: 'Events of orders, to replay',
      eventPattern: { source: [eventSource] },
      retention: Duration.days(settings.eventArchiveDays),
    })
    this.vendorSecrets = forEachStep((step) => this.vendorSecret(step, settings.vendors[step]))
    this.jwt = jwt ?? settings.jwt ?? new TokenIssuer(this, 'TokenIssuer', settings)
  }

  private vendorSecret(step: StepName, { secretArn }: VendorConfig): Pick<ISecret, 'secretArn'> {
    const id = `${constructIdOf(step)}Secret`
    if (secretArn !== undefined) return Secret.fromSecretCompleteArn(this, id, secretArn)
    const secret = new Secret(this, id, {
      description: `Credential for the ${linkOf(step).vendor}'s API: generated as a placeholder, set the real one by hand`,
      generateSecretString: { excludePunctuation: true },
    })
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'The vendor issues the credential and decides when it changes; nothing of ours could rotate it.',
    })
    return secret
  }
}
