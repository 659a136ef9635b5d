import { type CreateClient, createVendorClient, visibleText } from 'create-order/lambdas'
import * as z from 'zod/mini'

const facts = z.pipe(
  z.object({ wrap: visibleText(100) }),
  z.transform(({ wrap }) => ({ facts: { wrap } })),
)

/** The wrapper keeps create-order's vendor contract. */
export const createWrapper: CreateClient = (http, codes) =>
  createVendorClient(http, {
    path: '/wraps',
    facts,
    requestVersion: 1,
    requestFor: ({ reference, order: { items } }) => ({ reference, items }),
    codes,
  })
