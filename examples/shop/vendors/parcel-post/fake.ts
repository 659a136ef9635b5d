import { fakeOf } from 'create-order/local'
import * as z from 'zod'

const request = z.object({ for: z.string() })
const calls = { POST: 'create', GET: 'look-up', DELETE: 'cancel' } as const

/** Parcel Post as its documentation describes it. */
export const parcelPost = fakeOf({
  asked({ method, url, body }) {
    const asks = calls[method as keyof typeof calls]
    const reference = request.safeParse(body).data?.for ?? new URL(url, 'http://fake').searchParams.get('for')
    return asks && url.startsWith('/labels') ? { asks, reference } : undefined
  },
  idOf: (serial) => `PP${serial}`,
  view: (number, reference, isVoid) => ({ for: reference, number, state: isVoid ? 'void' : 'valid' }),
})
