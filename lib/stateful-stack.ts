import { CfnOutput, Duration, RemovalPolicies, Stack, type StackProps, Validations } from 'aws-cdk-lib'
import { Table } from 'aws-cdk-lib/aws-dynamodb'
import { Archive, EventBus, type IEventBus } from 'aws-cdk-lib/aws-events'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { linkOf } from '../lambdas/domain/chain.ts'
import { eventSource } from '../lambdas/domain/events.ts'
import { removalOf, uniqueNameOf } from './data/retention.ts'
import { OrderTable, tableProps } from './data/tables.ts'
import { type JwtIssuer, TokenIssuer } from './data/token-issuer.ts'
import { laneIdOf, mapValues } from './names.ts'
import type { Settings } from './settings.ts'
import type { Bus } from './workers/queue-worker.ts'

/** The settings decide whether data is kept when the stack is deleted. */
export interface StatefulStackProps extends StackProps {
  settings: Settings
  /** An existing bus to publish to; if not given, the stack creates one. */
  bus?: Bus | undefined
  /** An existing token issuer, which overrides the config's; without either, the stack creates a user pool. */
  jwt?: JwtIssuer | undefined
}

/** Resources that must survive every deployment: orders, locks, breakers, the bus with its archive, credentials. */
export class StatefulStack extends Stack {
  readonly orderTable: OrderTable
  /** The workers' locks: Powertools idempotency records, which expire by themselves. */
  readonly idempotencyTable: Table
  /** One item per vendor: its circuit breaker. */
  readonly circuitBreakerTable: Table
  readonly bus: Bus
  readonly vendorSecrets: Record<string, Pick<ISecret, 'secretArn'>>
  readonly jwt: JwtIssuer

  constructor(scope: Construct, id: string, { settings, bus, jwt, ...props }: StatefulStackProps) {
    super(scope, id, { ...props, terminationProtection: settings.retainData })
    RemovalPolicies.of(this).apply(removalOf(settings))
    this.orderTable = new OrderTable(this, 'OrderTable', settings)
    const { outbox, orderRetentionDays } = settings
    const vendors = mapValues(settings.vendors, ({ options, codes, ...told }) => told)
    const forTools = { vendors, orderRetentionDays, ...outbox }
    new CfnOutput(this, 'Settings', { value: JSON.stringify(forTools) })
    this.idempotencyTable = new Table(this, 'IdempotencyTable', {
      ...tableProps('id', settings),
      timeToLiveAttribute: 'expiration',
    })
    this.circuitBreakerTable = new Table(this, 'CircuitBreakerTable', tableProps('vendor', settings))
    const ownBus = bus ? undefined : new EventBus(this, 'Bus', { eventBusName: uniqueNameOf(settings) })
    this.bus = bus ?? (ownBus as Bus)
    new CfnOutput(this, 'BusName', { value: this.bus.eventBusName })
    new Archive(ownBus ?? this, 'Archive', {
      sourceEventBus: this.bus as IEventBus,
      description: 'Events of orders, to replay',
      eventPattern: { source: [eventSource] },
      retention: Duration.days(settings.eventArchiveDays),
    })
    this.vendorSecrets = mapValues(settings.vendors, ({ step, secretArn }, name) => {
      const id = `${laneIdOf(step, name)}Secret`
      if (secretArn !== undefined) return Secret.fromSecretCompleteArn(this, id, secretArn)
      const secret = new Secret(this, id, {
        description: `Credential for the API of ${name}, a ${linkOf(step).vendor}: generated as a placeholder, set the real one by hand`,
        generateSecretString: { excludePunctuation: true },
      })
      const reason = 'The vendor issues the credential and decides when it changes; we cannot rotate it.'
      Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason })
      return secret
    })
    this.jwt = jwt ?? settings.jwt ?? new TokenIssuer(this, 'TokenIssuer', settings)
  }
}
