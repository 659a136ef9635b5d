/** A handwritten fake, for an API that `fakeOf` does not fit. */
import {
  type Answer,
  type Call,
  type CreateProtocol,
  contract,
  easyPost,
  type FakeApi,
  type Faults,
  fakeOf,
  type Later,
  type LocalVendor,
  type VendorHost,
  type VendorProtocol,
  type VendorRecord,
} from 'create-order/local'

const refusal = (status: number, code: string): Answer => ({ status, body: { code } })
const referenceIn = ({ url }: Call) => /^\/flights\/([\w-]+)$/.exec(url)?.[1] ?? null

export const pigeons: CreateProtocol = ({ serial, recordOf }: VendorHost): VendorProtocol => {
  const released = new Map<string, boolean>()
  const view = ({ id }: VendorRecord, isReleased: boolean): Answer => {
    return { status: 200, body: { pigeon: id, released: isReleased } }
  }
  function send(reference: string): Answer {
    const record = recordOf(reference)
    record.id ??= `pigeon ${serial()}`
    if (!released.has(reference)) record.created += 1
    released.set(reference, released.get(reference) ?? true)
    return view(record, released.get(reference) ?? true)
  }
  function callBack(reference: string, { shipped }: Faults): Answer {
    if (!released.has(reference)) return refusal(404, 'NOT_FOUND')
    if (shipped) return refusal(409, 'TOO_LATE')
    if (released.get(reference)) recordOf(reference).undoneAt.push(0)
    released.set(reference, false)
    return view(recordOf(reference), false)
  }
  return {
    refusals: {
      unauthorized: refusal(401, 'WHO_ARE_YOU'),
      overloaded: refusal(429, 'NO_PIGEONS'),
      broken: refusal(500, 'STORM'),
    },
    isAuthorized: ({ headers }) => headers.authorization !== undefined,
    about: (call) => ({ reference: referenceIn(call), isCreate: call.method === 'PUT' }),
    decide(call, faults): Answer | Later {
      const reference = referenceIn(call)
      if (reference === null) return refusal(404, 'NO_SUCH_ROUTE')
      const isReleased = released.get(reference)
      if (call.method === 'PUT') return { kind: 'create', finish: () => send(reference) }
      if (call.method === 'DELETE') return { finish: () => callBack(reference, faults) }
      return isReleased === undefined ? refusal(404, 'NOT_FOUND') : view(recordOf(reference), isReleased)
    },
    forgetUnfinished() {},
  }
}

/** A fake that makes one thing per reference: only its API is described. */
const stamps: FakeApi = {
  asked: ({ url }) => ({ asks: 'create', reference: url.slice(1) }),
  idOf: (serial) => `STAMP-${serial}`,
  view: (stamp, reference) => ({ stamp, reference }),
}

/** The list that `vendors/local.ts` would export. */
export const vendors: readonly LocalVendor[] = [
  { name: 'pigeons', step: 'logistics', adapter: 'pigeon', protocol: pigeons },
  { name: 'easypost', step: 'logistics', adapter: 'easypost', protocol: easyPost },
  { name: 'stamps', step: 'giftwrap', adapter: 'contract', protocol: fakeOf(stamps) },
  { name: 'warehouse', step: 'wms', adapter: 'contract', protocol: contract.wms },
]
