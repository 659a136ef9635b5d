import { createListener, createListenerDeps } from 'create-order/lambdas'

export const handler = createListener(createListenerDeps(), {
  GIFT_WRAPPED: async ({ data: { orderId } }) => console.log(`${orderId} is wrapped`),
  READY_FOR_FULFILLMENT: async ({ data: { orderId, awb } }) => console.log(`${orderId} leaves with ${awb}`),
})
