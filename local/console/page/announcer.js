import { useEffect, useRef, useState } from 'preact/hooks'
import { counted, html, vendorName } from './ui.js'

const isOpen = (vendor) => vendor?.circuit?.state === 'open' || vendor?.circuit?.heldSince !== undefined

/** Says aloud what a user who does not see the picture must hear: circuits and dead letters, not every count. */
export const Announcer = ({ state }) => {
  const before = useRef()
  const [message, setMessage] = useState('')
  useEffect(() => {
    if (!state) return
    const last = before.current
    before.current = state
    if (!last) return
    const news = Object.entries(state.vendors)
      .filter(([name, vendor]) => isOpen(vendor) !== isOpen(last.vendors[name]))
      .map(([name, vendor]) => [
        vendorName(name),
        isOpen(vendor) ? 'open, orders wait' : 'closed, orders go on',
      ])
      .map(([name, words]) => `${name}: circuit ${words}.`)
    if (state.dead !== last.dead) news.push(`${counted(state.dead, 'dead letter')}.`)
    if (news.length) setMessage(news.join(' '))
  }, [state])
  return html`<p class="visually-hidden" aria-live="polite">${message}</p>`
}
