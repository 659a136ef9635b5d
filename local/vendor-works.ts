import { randomInt } from 'node:crypto'

/** What the vendor really made for one order: `created` 2 is a duplicate, whatever it told the caller. */
export interface LedgerEntry {
  /** Our order id, whatever the vendor was told. */
  reference: string
  /** Of the first one made; null if none was. */
  id: string | null
  createCalls: number
  created: number
}

/** One thing made, and from when on (epoch ms) it can be handed out. */
export type Shipment = { reference: string; id: string; readyAt: number }

/** A create that was taken in; its shipment is null until it is done. */
type Work = { body: unknown; shipment: Shipment | null }

/** The order of a reference, which begins with the 32 hexadecimal digits of its id; any other reference is its own. */
export const orderOf = (reference: string): string =>
  reference.replace(/^([0-9a-f]{32})-[0-9a-z]{7,}$/, 'ord_$1')

/** What a simulated vendor has made and is making, and the ledger of it. */
export function createVendorWorks(idOf: (serial: number) => string) {
  const ledger = new Map<string, LedgerEntry>()
  const firstByReference = new Map<string, Shipment>()
  const worksByKey = new Map<string, Work>()
  let serial = randomInt(1e11, 9e11)

  function ledgerEntry(of: string): LedgerEntry {
    const order = orderOf(of)
    const entry = ledger.get(order) ?? { reference: order, id: null, createCalls: 0, created: 0 }
    ledger.set(order, entry)
    return entry
  }

  return {
    /** Notes a call that asks for something to be made. */
    countCall(of: string): void {
      ledgerEntry(of).createCalls += 1
    },

    /** The first thing made under a reference: what a look-up finds. */
    firstOf: (of: string): Shipment | undefined => firstByReference.get(of),

    withKey: (key: string): Work | undefined => worksByKey.get(key),

    /** Takes a create in; with a key, its repeats find it. */
    begin(body: unknown, key: string | undefined): Work {
      const work: Work = { body, shipment: null }
      if (key) worksByKey.set(key, work)
      return work
    },

    /** Makes what a create asked for. `asyncMs` later it is ready. */
    finish(work: Work, of: string, asyncMs: number | null): Shipment {
      const shipment = { reference: of, id: idOf(serial++), readyAt: Date.now() + (asyncMs ?? 0) }
      work.shipment = shipment
      if (!firstByReference.has(of)) firstByReference.set(of, shipment)
      const entry = ledgerEntry(of)
      entry.created += 1
      entry.id ??= shipment.id
      return shipment
    },

    /** The host went down: what it was working on is lost, and a repeat starts anew. */
    loseUnfinished(): void {
      for (const [key, { shipment }] of worksByKey) if (!shipment) worksByKey.delete(key)
    },

    ledger: (): LedgerEntry[] => structuredClone([...ledger.values()]),
    clearLedger: (): void => ledger.clear(),
  }
}
