import '../lib/steps.ts'
import { bundleFunctions, contextOf, createApp, Listener, OrderPipeline } from 'create-order'
import { loadSettings } from './environments.ts'

const app = createApp()
await bundleFunctions()
new OrderPipeline(app, {
  settings: loadSettings(...contextOf(app)),
  extend: (stack, shared) =>
    new Listener(stack, 'NotifyShop', {
      ...shared,
      name: 'notify-shop',
      detailTypes: ['READY_FOR_FULFILLMENT', 'GIFT_WRAPPED'],
      concurrency: 2,
      environment: {},
    }),
})
