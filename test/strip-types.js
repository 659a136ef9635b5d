import { stripTypeScriptTypes } from 'node:module'

/** Jest's transform: Node's own type stripping, which leaves lines and columns where they are. */
export default { process: (source) => ({ code: stripTypeScriptTypes(source) }) }
