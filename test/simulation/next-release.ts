import type { Patch } from './hooks.ts'

const change = (find: string, replace: string): Patch => ({
  file: 'vendors/contract/client.ts',
  find,
  replace,
})

/** The workers' next release, which sends different requests for the same things under a new request version. */
export const nextRelease: readonly Patch[] = [
  change('requestVersion: 1,\n    requestFor: awbRequest', 'requestVersion: 2,\n    requestFor: awbRequest'),
  change(
    'requestVersion: 1,\n    requestFor: shipmentRequest',
    'requestVersion: 2,\n    requestFor: shipmentRequest',
  ),
  change(
    'declaredValue: { amount: goodsValueOf(order), currency },',
    'declaredValue: { amount: goodsValueOf(order), currency },\n    declaredAs: "GIFT",',
  ),
  change('    awb,\n    items: items.map', '    awb,\n    priority: 1,\n    items: items.map'),
]
