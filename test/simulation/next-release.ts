import type { Patch } from './hooks.ts'

/** The workers' next release: it asks for the same things with other requests. */
export const nextRelease: readonly Patch[] = [
  {
    file: 'adapters/logistics-client.ts',
    find: 'declaredValue: { amount: total, currency },',
    replace: 'declaredValue: { amount: total, currency },\n    declaredAs: "GIFT",',
  },
  {
    file: 'adapters/wms-client.ts',
    find: '    awb,\n',
    replace: '    awb,\n    priority: 1,\n',
  },
]
