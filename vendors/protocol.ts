import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Faults } from './faults.ts'

/** A call as received. `body` is null if it is neither JSON nor a form, and undefined if there is none. */
export interface Call {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: unknown
}

/** A vendor's response. */
export interface Answer {
  status: number
  body: object
  headers?: OutgoingHttpHeaders
}

/** Work for later. The response to a create, or to its repeat, may be withheld by a fault. */
export interface Later {
  finish: () => Answer
  kind?: 'create' | 'repeat'
}

/** A fake vendor's API and state. The simulator adds the server, the ledger and most faults. */
export interface VendorProtocol {
  refusals: Record<'unauthorized' | 'overloaded' | 'broken', Answer>
  isAuthorized(call: Call): boolean
  /** The reference in a call, even if the rest is invalid, and whether the call asks to make something. */
  about(call: Call): { reference: string | null; isCreate: boolean }
  /** Decides, when a call arrives, how it is answered. */
  decide(call: Call, faults: Faults): Answer | Later
  /** Loses all unfinished work. */
  forgetUnfinished(): void
}

/** What a fake vendor needs from its host. */
export interface VendorHost {
  now(): number
  /** Returns a new number of 12 digits each time. */
  serial(): number
  /** The record of the order that a reference belongs to. */
  recordOf(reference: string): VendorRecord
}

/** Creates the fake of a vendor. */
export type CreateProtocol = (host: VendorHost) => VendorProtocol

/** A vendor that runs locally. The first one of each step gets most orders. */
export interface LocalVendor {
  name: string
  step: string
  adapter: string
  protocol: CreateProtocol
}

/** What a vendor really made for one order, whatever it answered. `created` of 2 is a duplicate. */
export interface VendorRecord {
  /** Our order id, whatever reference the vendor got. */
  reference: string
  /** The id of the first thing made; null if there is none. */
  id: string | null
  createCalls: number
  created: number
  /** When each undone thing was undone, in epoch ms. */
  undoneAt: number[]
}

/** A record as shown in the ledger: `voided` counts the things undone by now. */
export type LedgerEntry = Omit<VendorRecord, 'undoneAt'> & { voided: number }
