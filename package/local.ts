/** The exports for an application's vendors/local.ts: fakes of vendors. */
export { contract, type FakeApi, fakeOf } from '../vendors/contract/fake.ts'
export { easyPost } from '../vendors/easypost/fake.ts'
export type { Faults } from '../vendors/faults.ts'
export type {
  Answer,
  Call,
  CreateProtocol,
  Later,
  LocalVendor,
  VendorHost,
  VendorProtocol,
  VendorRecord,
} from '../vendors/protocol.ts'
