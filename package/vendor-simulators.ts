import { Duration, RemovalPolicies, Stack, type StackProps } from 'aws-cdk-lib'
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb'
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { removalOf } from '../lib/data/retention.ts'
import { tableProps } from '../lib/data/tables.ts'
import { ServiceFunction } from '../lib/functions/service-function.ts'
import { constructIdOf, mapValues } from '../lib/names.ts'
import type { Settings } from '../lib/settings.ts'
import type { StatefulStack } from '../lib/stateful-stack.ts'

/** The settings, and the stack with the vendors' credentials. */
export interface VendorSimulatorsProps extends StackProps {
  settings: Settings
  data: StatefulStack
}

/** Simulates the vendors whose URL is `simulator`: a function with a URL for each, and a table of what they made. */
export class VendorSimulators extends Stack {
  /** The vendors of the settings, with the URLs of the simulators filled in. */
  readonly vendors: Settings['vendors']

  constructor(scope: Construct, id: string, props: VendorSimulatorsProps) {
    super(scope, id, props)
    const { settings, data } = props
    RemovalPolicies.of(this).apply(removalOf(settings))
    const table = new Table(this, 'Table', {
      ...tableProps('vendor', settings),
      sortKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
    })
    this.vendors = mapValues(settings.vendors, (vendor, name) => {
      const secret = data.vendorSecrets[name]
      if (vendor.url !== 'simulator' || secret === undefined) return vendor
      const simulator = new ServiceFunction(this, constructIdOf(name), {
        settings,
        name: `${name}-simulator`,
        file: `${vendor.adapter}-simulator`,
        timeout: Duration.seconds(30),
        environment: {
          VENDOR_NAME: name,
          STEP: vendor.step,
          TABLE_NAME: table.tableName,
          VENDOR_SECRET_ARN: secret.secretArn,
        },
      })
      simulator.allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], table.tableArn)
      simulator.allow(['secretsmanager:GetSecretValue'], secret.secretArn)
      // The simulator checks the vendor's credential itself, as the vendor would.
      const { url } = simulator.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE })
      return { ...vendor, url }
    })
  }
}
