import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Faults } from './faults.ts'

/** A call as it came in. `body` is null where it is no JSON and no form, and undefined where there is none. */
export interface Call {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: unknown
}

/** What a vendor answers. */
export interface Answer {
  status: number
  body: object
  headers?: OutgoingHttpHeaders
}

/** What is done when its time has come; the answer to what makes something, and to its repeat, may be held back. */
export interface Later {
  finish: () => Answer
  kind?: 'create' | 'repeat'
}

/** A fake vendor's API, and what the vendor knows. The simulator adds the server, the ledger and most of the faults. */
export interface VendorProtocol {
  refusals: Record<'unauthorized' | 'overloaded' | 'broken', Answer>
  isAuthorized(call: Call): boolean
  /** The reference that a call names, however wrong the rest of it may be, and whether it asks to make something. */
  about(call: Call): { reference: string | null; isCreate: boolean }
  /** What becomes of a call, decided when it arrives. */
  decide(call: Call, faults: Faults): Answer | Later
  /** What it was working on is lost. */
  forgetUnfinished(): void
}

/** What a fake vendor is given. */
export interface VendorHost {
  now(): number
  /** Another number of 12 digits each time. */
  serial(): number
  /** What is recorded of the order of a reference. */
  recordOf(reference: string): VendorRecord
}

/** Makes the fake of one vendor. */
export type CreateProtocol = (host: VendorHost) => VendorProtocol

/** A vendor that runs locally. Of each step the first one is that which gets most orders. */
export interface LocalVendor {
  name: string
  step: string
  adapter: string
  protocol: CreateProtocol
}

/** What a vendor really made for one order, whatever it told the caller: `created` 2 is a duplicate. */
export interface VendorRecord {
  /** Our order id, whatever the vendor was told. */
  reference: string
  /** Of the first one made; null if none was. */
  id: string | null
  createCalls: number
  created: number
  /** When each of those that were undone was. */
  undoneAt: number[]
}

/** A record as it is shown: `voided` counts what is undone by now. */
export type LedgerEntry = Omit<VendorRecord, 'undoneAt'> & { voided: number }
