/** Simulates a vendor that follows the contract, if the config asks for one. */
export { handler } from '../vendors/contract/simulator.ts'
