const radius = 8

/** A path with rounded corners along points that are given as x1, y1, x2, y2 and so on. */
const rounded = (...coordinates) => {
  const points = coordinates.flatMap((x, i) => (i % 2 ? [] : [[x, coordinates[i + 1]]]))
  return points
    .map(([x, y], index) => {
      const [before, after] = [points[index - 1], points[index + 1]]
      if (!before) return `M${x} ${y}`
      if (!after) return `L${x} ${y}`
      const towards = ([x2, y2]) => {
        const share = Math.min(radius / Math.hypot(x2 - x, y2 - y), 0.5)
        return `${x + (x2 - x) * share} ${y + (y2 - y) * share}`
      }
      return `L${towards(before)}Q${x} ${y} ${towards(after)}`
    })
    .join('')
}

const within = (y, { top, bottom }) => y > top + 6 && y < bottom - 6
const overlaps = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 20

/**
 * The way of each edge between the boxes of its ends.
 * @param {Record<string, {left, right, top, bottom, cx, cy}>} boxes
 * @param {Record<string, number>} lanes how deep the ways back run, by worker, and of what the relay sends
 */
export const route = ({ from, to, kind }, boxes, lanes) => {
  const [a, b] = [boxes[from], boxes[to]]
  if (!a || !b) return undefined
  const isBack = a.left > b.left
  const lane = lanes[from]
  if (lane && kind === 'publish' && isBack) return rounded(a.cx, a.bottom, a.cx, lane, b.right, lane)
  if (kind === 'send') {
    const [x, y] = [b.left - 20, lanes.bottom]
    return rounded(a.cx, a.bottom, a.cx, y, x, y, x, b.cy + 8, b.left, b.cy + 8)
  }
  if (overlaps(a, b)) {
    const x = (Math.max(a.left, b.left) + Math.min(a.right, b.right)) / 2
    return a.top < b.top ? rounded(x, a.bottom, x, b.top) : rounded(x, a.top, x, b.bottom)
  }
  if (isBack) return rounded(a.left + 20, a.bottom, a.left + 20, b.cy, b.right, b.cy)
  const straight = [b.cy, a.cy].find((y) => within(y, a) && within(y, b))
  if (straight !== undefined) return rounded(a.right, straight, b.left, straight)
  return rounded(a.right, a.cy, b.left - 14, a.cy, b.left - 14, b.cy, b.left, b.cy)
}

const maxDots = 120
const dotsPerMove = 6
const flightMs = 700

/** Sends dots along a wire: one for each order, up to a handful at a time. */
export const sendDots = (layer, d, { ok, bad }) => {
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches
  const most = isCalm ? 1 : dotsPerMove
  const kinds = [...Array(Math.min(ok, most)).fill('ok'), ...Array(Math.min(bad, most)).fill('bad')]
  for (const [index, kind] of kinds.slice(0, maxDots - layer.childElementCount).entries()) {
    const dot = document.createElement('i')
    dot.className = `dot ${kind}`
    dot.style.offsetPath = `path('${d}')`
    layer.append(dot)
    // Who does not want motion sees a dot at the wire's end light up and fade.
    const frames = isCalm
      ? { offsetDistance: ['100%', '100%'], opacity: [1, 0] }
      : { offsetDistance: ['0%', '100%'], opacity: [0, 1, 1, 1, 0] }
    const delay = ((index % most) * 250) / dotsPerMove
    const timing = { duration: flightMs, delay, easing: 'ease-in-out', fill: 'backwards' }
    const remove = () => dot.remove()
    dot.animate(frames, timing).finished.then(remove, remove)
  }
}
