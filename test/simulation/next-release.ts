import type { Patch } from './hooks.ts'

const isNewRequest = (file: string): Patch => ({
  file,
  find: 'requestVersion: 1',
  replace: 'requestVersion: 2',
})

/** The workers' next release: it asks for the same things with other requests, and says so. */
export const nextRelease: readonly Patch[] = [
  isNewRequest('adapters/logistics-client.ts'),
  isNewRequest('adapters/wms-client.ts'),
  {
    file: 'adapters/logistics-client.ts',
    find: 'declaredValue: { amount: goodsValueOf(order), currency },',
    replace: 'declaredValue: { amount: goodsValueOf(order), currency },\n    declaredAs: "GIFT",',
  },
  {
    file: 'adapters/wms-client.ts',
    find: '    awb,\n',
    replace: '    awb,\n    priority: 1,\n',
  },
]
