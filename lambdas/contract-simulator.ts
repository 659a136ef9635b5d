/** Stands in for a vendor of the contract where the config says so. Wired as its environment says. */
export { handler } from '../vendors/contract/simulator.ts'
