import type { VendorAnswer } from './vendor.ts'

/** What a vendor answers to one order, for ever, while it serves all others. */
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
/** The name of a way in which an order is poisoned. */
export type PoisonKind = keyof typeof answers
export const poisonKinds = Object.keys(answers) as PoisonKind[]

/** The address line of an order that is poisoned. */
export const poisonLine = (kind: PoisonKind): string => `Poison: ${kind}.`

/** The answer to the creation of a poisoned order. */
export function poisonAnswer(body: string): VendorAnswer | undefined {
  const kind = poisonKinds.find((each) => body.includes(poisonLine(each)))
  return kind && answers[kind]
}
