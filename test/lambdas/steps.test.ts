import { expect, test } from '@jest/globals'
import { environment } from './environment.ts'

Object.assign(process.env, environment)
const { logisticsStep } = await import('../../lambdas/logistics-worker.ts')
const { wmsStep } = await import('../../lambdas/wms-worker.ts')

test('each step keeps what its vendor gave the order', () => {
  const awb = { awb: 'AWB-1', trackingUrl: 'https://carrier.example/AWB-1' }
  expect(logisticsStep.facts(awb)).toEqual(awb)
  expect(wmsStep.facts({ wmsReference: 'W-1' })).toEqual({ wmsReference: 'W-1' })
})
