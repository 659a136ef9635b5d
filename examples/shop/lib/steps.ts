import { addStep } from 'create-order/steps'

declare module 'create-order/steps' {
  interface OwnSteps {
    giftwrap: 'GIFT_WRAPPED'
  }
}

addStep({ step: 'giftwrap', vendor: 'gift wrapper', status: 'GIFT_WRAPPED', after: 'logistics' })
