/** What one function did in the run. */
export interface FunctionUsage {
  name: string
  invocations: number
  durationMs: number
  memoryMb: number
}

/** What a run of so many orders used, as counted where AWS would have metered it. */
export interface Usage {
  orders: number
  apiRequests: number
  functions: FunctionUsage[]
  /** By what they were for: `orders`, `orders, indexes`, `locks and breakers`. */
  writeUnits: Record<string, number>
  readUnits: number
  /** Writes to the order table, and the mean units of one, for comparison with designs that write less often. */
  orderWrites: number
  /** What the orders take up in their table and its indexes, once nothing more happens to them. */
  storedBytes: number
  events: number
  eventBytes: number
  queueRequests: number
  logBytes: number
  /** What the vendors took, in ms: the mean of each. */
  vendorMs: number[]
}

/** One line of a bill. */
export interface BillLine {
  service: string
  /** How many of what, for one order. */
  perOrder: string
  usdPerMillion: number
}
