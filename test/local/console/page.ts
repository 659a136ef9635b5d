/** Imports a module of the console's page. It is untyped, because the page is plain JavaScript for the browser. */
export const pageModule = (name: string) => import(`../../../local/console/page/${name}.js`)

interface Element {
  type: string | ((props: object) => unknown)
  props: { children?: unknown }
}

/** The text of a rendered component without hooks. */
export const textOf = (node: unknown): string => {
  if (Array.isArray(node)) return node.map(textOf).join('')
  if (typeof node !== 'object' || node === null)
    return ['string', 'number'].includes(typeof node) ? `${node}` : ''
  const { type, props } = node as Element
  return textOf(typeof type === 'function' ? type(props) : props.children)
}
