import htm from 'htm'
import { createContext, h } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'

/** Preact elements as tagged templates: no build step. */
export const html = htm.bind(h)

const brands = { logistics: 'Carrier', wms: 'Warehouse' }

/** Stores the display names of the lanes' vendors. */
export const learnBrands = (lanes) => {
  for (const { vendor, brand } of lanes) if (brand) brands[vendor] = brand
}

/** The display name of a vendor or of a step's vendors. */
export const vendorName = (name) => brands[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`

/** The display name within a sentence: "the carrier", but "EasyPost". */
export const theVendor = (name) => {
  const words = vendorName(name)
  return /.[A-Z]/.test(words) ? words : `the ${words.toLowerCase()}`
}

/** 950 → "950 ms", 2300 → "2.3 s", 95000 → "1 min 35 s". */
export const duration = (ms) => {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
  const minutes = Math.floor(ms / 60_000)
  return minutes < 60
    ? `${minutes} min ${Math.round((ms % 60_000) / 1000)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** 1 → "1 order", 2 → "2 orders". */
export const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Formats an amount in a currency's minor units. */
export const money = (amount, currency) => {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits)
}

/** Formats the time of day, to the second. */
export const clock = (at) => new Date(at).toLocaleTimeString('en-GB')

/** A query parameter of the page's URL; `change` adds a history entry only with `pushState`. */
export const useParam = (name) => {
  const read = () => new URLSearchParams(location.search).get(name) ?? ''
  const [value, setValue] = useState(read)
  useEffect(() => {
    const follow = () => setValue(read())
    addEventListener('popstate', follow)
    return () => removeEventListener('popstate', follow)
  }, [])
  const change = (next, how = 'replaceState') => {
    const url = new URL(location.href)
    if (next) url.searchParams.set(name, next)
    else url.searchParams.delete(name)
    history[how]({ [name]: next }, '', url)
    setValue(next)
  }
  return [value, change]
}

/** Keeps keyboard focus: if the focused element is removed, the title of its panel or dialog gets the focus. */
export const keepFocus = () => {
  let last
  let title
  document.addEventListener('focusin', ({ target }) => {
    last = target
    title = target.closest('section, dialog')?.querySelector('h2')
  })
  const look = () => {
    if (last && !last.isConnected && document.activeElement === document.body) title?.focus()
  }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
}

/** A titled section of the page. */
export const Panel = ({ id, title, aside, children }) => html`
  <section class="card px-3 py-2" id=${id} aria-labelledby="${id}-title">
    <header class="d-flex flex-wrap align-items-center justify-content-between gap-2 mb-1">
      <h2 class="h6 m-0" id="${id}-title" tabindex="-1">${title}</h2>
      ${aside}
    </header>
    ${children}
  </section>
`

/** Lets the browser break a word after an underscore and before a capital letter. */
export const breakable = (word) =>
  word.split(/(?<=_)|(?<=[a-z])(?=[A-Z])/).flatMap((part, index) => (index ? [html`<wbr />`, part] : part))

/** A coloured label of a word or two. */
export const Pill = ({ tone = 'secondary', role, children }) =>
  html`<span class="badge text-wrap text-start text-break bg-${tone}-subtle text-${tone}-emphasis" role=${role}>${breakable(children)}</span>`

/** A status message, also announced to screen readers. */
export const Said = ({ tone = 'secondary', children }) =>
  html`<p class="small m-0 text-${tone}-emphasis" role="status">${children}</p>`

/** Whether the live stream is connected. */
export const Connected = createContext(true)

/** Runs actions and shows their progress and outcome as `said`, which is cleared when the server reconnects. */
export const useWork = () => {
  const connected = useContext(Connected)
  const [{ tone, words }, setSaid] = useState({})
  const isBusy = useRef(false)
  useEffect(() => connected && setSaid({}), [connected])
  const tell = (promise, wordsOf = () => '') =>
    promise.then(
      (answer) => setSaid({ words: wordsOf(answer) }),
      ({ message }) => setSaid({ tone: 'danger', words: message }),
    )
  /** Runs an action unless one is running already. */
  const run = async (meanwhile, work, wordsOf) => {
    if (isBusy.current) return
    isBusy.current = true
    setSaid({ words: meanwhile })
    await tell(work(), wordsOf)
    isBusy.current = false
  }
  return { said: html`<${Said} tone=${tone}>${words}<//>`, tell, run }
}

export const button = 'btn btn-sm border'
