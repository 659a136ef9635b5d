/** A module of the console's page. They are plain JavaScript for the browser, so nothing types them. */
export const pageModule = (name: string) => import(`../../../local/console/page/${name}.js`)

interface Element {
  type: string | ((props: object) => unknown)
  props: { children?: unknown }
}

/** What a part of the page without hooks says. */
export const textOf = (node: unknown): string => {
  if (Array.isArray(node)) return node.map(textOf).join('')
  if (typeof node !== 'object' || node === null)
    return ['string', 'number'].includes(typeof node) ? `${node}` : ''
  const { type, props } = node as Element
  return textOf(typeof type === 'function' ? type(props) : props.children)
}
