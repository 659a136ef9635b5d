/** Simulates a vendor that follows the contract, where the config says so. */
export { handler } from '../vendors/contract/simulator.ts'
