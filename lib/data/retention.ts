import { Aws, Fn, RemovalPolicy } from 'aws-cdk-lib'
import type { Settings } from '../settings.ts'

/** What happens to data when its stack is deleted. A failed creation leaves no data, so that it can be repeated. */
export const removalOf = ({ retainData }: Settings): RemovalPolicy =>
  retainData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY

/** A name where AWS requires one: unique to this stack, even if the stack is created again. */
export const uniqueNameOf = ({ environment }: Settings): string =>
  `create-order-${environment}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`
