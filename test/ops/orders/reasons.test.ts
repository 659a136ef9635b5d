import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { explain } from '../../../ops/orders/reasons.ts'

const lambdas = join(import.meta.dirname, '..', '..', '..', 'lambdas')

/** Every reason code that our code writes, found in it: `reason: 'X'`, `poison: 'X'`, and what stands beside them. */
const written = readdirSync(lambdas, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(lambdas, file), 'utf8'))
  .flatMap((source) => [...source.matchAll(/(?:reason(?:: | = )|poison: |pending\('\w+', )'([A-Z_]{3,})'/g)])
  .map(([, code = '']) => code)

/** Why a message comes back a little later: that is logged, and stands nowhere else. */
const onlyLogged = ['TOO_EARLY', 'LOCKED']

describe('a reason in words', () => {
  test('knows every code that our own code writes to an order or a message', () => {
    expect(written).toContain('RATE_LIMITED')
    expect(written).toContain('NOT_JSON')
    const unknown = written.filter((code) => explain(code, 'wms').trouble === 'vendor-refuses')
    expect(unknown.filter((code) => !onlyLogged.includes(code))).toEqual([])
  })

  test('names the vendor of the step', () => {
    expect(explain('TIME_OUT', 'logistics').words).toBe('the carrier did not answer in time')
    expect(explain('TIME_OUT', 'wms').words).toBe('the warehouse did not answer in time')
  })

  test('unfolds a code that carries another', () => {
    expect(explain('WAITED_TOO_LONG:CIRCUIT_OPEN:HTTP_502', 'wms')).toEqual({
      trouble: 'vendor-fails',
      words:
        'it waited as long as it may: calls to the warehouse are stopped for now: the warehouse answered HTTP 502',
    })
  })

  test('takes a code of the vendor’s own, and a status it refuses an order with, for a refusal', () => {
    for (const reason of ['NO_SUCH_STREET', 'HTTP_422'])
      expect(explain(reason, 'logistics')).toEqual({
        trouble: 'vendor-refuses',
        words: 'the carrier refuses this order',
      })
  })
})
