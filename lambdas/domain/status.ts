/** The status machine. Conditional writes enforce it; trouble is not a status but the order's `attention`. */
export const orderStatuses = ['CREATED', 'AWB_GENERATED', 'READY_FOR_FULFILLMENT', 'CANCELLED'] as const

/** Where an order stands on its way. */
export type OrderStatus = (typeof orderStatuses)[number]

/** The statuses that may follow each status. */
export const nextStatuses: Record<OrderStatus, readonly OrderStatus[]> = {
  CREATED: ['AWB_GENERATED', 'CANCELLED'],
  AWB_GENERATED: ['READY_FOR_FULFILLMENT'],
  READY_FOR_FULFILLMENT: [],
  CANCELLED: [],
}
