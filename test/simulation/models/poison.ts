import type { VendorAnswer } from './vendor.ts'

/** Responses that a vendor always gives to one order while it serves all others. */
const answers = {
  'firewall 403': { status: 403, body: '<h1>Forbidden</h1>' },
  '404': { status: 404, body: '<h1>Not found</h1>' },
  '405': { status: 405, body: '' },
  'unreadable 200': { status: 200, body: '<h1>Welcome</h1>' },
  'failure in a 200': { status: 200, body: { success: false } },
  'no rates in a 200': { status: 200, body: { rates: [] } },
  'an answer without end': { status: 200, body: '', isEndless: true },
  '500': { status: 500, body: { code: 'INTERNAL_ERROR' } },
} as const satisfies Record<string, VendorAnswer>
/** The kinds of poisoned orders. */
export type PoisonKind = keyof typeof answers
export const poisonKinds = Object.keys(answers) as PoisonKind[]

/** The address line that marks an order as poisoned. */
export const poisonLine = (kind: PoisonKind): string => `Poison: ${kind}.`

/** The response to a create call for a poisoned order; undefined for any other order. */
export function poisonAnswer(body: string): VendorAnswer | undefined {
  const kind = poisonKinds.find((each) => body.includes(poisonLine(each)))
  return kind && answers[kind]
}
