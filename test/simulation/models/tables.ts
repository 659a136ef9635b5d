/** The pipeline's tables, for the model of DynamoDB. */
export const tableModels = {
  orders: {
    key: 'orderId',
    indexes: {
      outbox: { hash: 'outboxPartition', range: 'outboxDueAt' },
      deadLetters: { hash: 'deadLetterPartition', range: 'deadLetteredAt' },
      byOwner: { hash: 'ownerId', range: 'createdAt' },
      byAwb: { hash: 'awb', range: 'createdAt' },
    },
  },
  locks: { key: 'id' },
  circuits: { key: 'vendor' },
}
