/** A module of the console's page. They are plain JavaScript for the browser, so nothing types them. */
export const pageModule = (name: string) => import(`../../../local/console/page/${name}.js`)
