import { Aws, Fn, RemovalPolicy } from 'aws-cdk-lib'
import type { Settings } from '../settings.ts'

/** What becomes of data when its stack goes. What a failed creation rolls back goes too, and the creation can be repeated. */
export const removalOf = ({ retainData }: Settings): RemovalPolicy =>
  retainData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY

/** A name where AWS demands one: no other stack has it, and neither has this one when it is created again. */
export const uniqueNameOf = ({ environment }: Settings): string =>
  `create-order-${environment}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`
