const radius = 8

/** A path along points with rounded corners. */
const rounded = (points) => {
  const [[x0, y0], ...rest] = points
  const parts = [`M${x0} ${y0}`]
  for (const [index, [x, y]] of rest.entries()) {
    const next = rest[index + 1]
    if (!next) {
      parts.push(`L${x} ${y}`)
      break
    }
    const [px, py] = points[index]
    const before = Math.min(radius, Math.hypot(x - px, y - py) / 2)
    const after = Math.min(radius, Math.hypot(next[0] - x, next[1] - y) / 2)
    const bx = x - Math.sign(x - px) * before
    const by = y - Math.sign(y - py) * before
    const ax = x + Math.sign(next[0] - x) * after
    const ay = y + Math.sign(next[1] - y) * after
    parts.push(`L${bx} ${by}Q${x} ${y} ${ax} ${ay}`)
  }
  return parts.join('')
}

const within = (y, { top, bottom }) => y > top + 6 && y < bottom - 6

/** Left to right, straight where the two face each other. */
const across = (a, b) => {
  const straight = within(b.cy, a) ? b.cy : within(a.cy, b) ? a.cy : undefined
  if (straight !== undefined)
    return [
      [a.right, straight],
      [b.left, straight],
    ]
  const x = b.left - 14
  return [
    [a.right, a.cy],
    [x, a.cy],
    [x, b.cy],
    [b.left, b.cy],
  ]
}

/** Top to bottom, straight where one is above the other. */
const down = (a, b) => {
  const x = Math.max(a.left, b.left) + (Math.min(a.right, b.right) - Math.max(a.left, b.left)) / 2
  const [y1, y2] = a.top < b.top ? [a.bottom, b.top] : [a.top, b.bottom]
  return [
    [x, y1],
    [x, y2],
  ]
}

/** Back along the margin, for what has no straight way. */
const around = (a, b, x) => {
  const [ax, bx] = x < a.left ? [a.left, b.left] : [a.right, b.right]
  return [
    [ax, a.cy],
    [x, a.cy],
    [x, b.cy],
    [bx, b.cy],
  ]
}

const overlaps = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 20

/**
 * The way of each edge between the boxes of its ends.
 * @param {Record<string, {left, right, top, bottom, cx, cy}>} boxes
 */
export const route = (edge, boxes, { narrow, width, lanes }) => {
  const [a, b] = [boxes[edge.from], boxes[edge.to]]
  if (!a || !b) return undefined
  if (narrow) {
    const isBeside = Math.abs(a.cy - b.cy) < 20
    if (isBeside)
      return rounded(
        a.cx < b.cx
          ? across(a, b)
          : [
              [a.left, a.cy],
              [b.right, b.cy],
            ],
      )
    if (edge.kind === 'publish' && b.bottom < a.top) return rounded(around(a, b, 5))
    if (edge.kind === 'send') return rounded(around(a, b, width - 5))
    return overlaps(a, b)
      ? rounded(down(a, b))
      : rounded([
          [a.cx, a.bottom],
          [a.cx, b.cy],
          [b.right, b.cy],
        ])
  }
  if (edge.kind === 'publish' && a.left > b.left) {
    const y = lanes[edge.from]
    return rounded([
      [a.cx, a.bottom],
      [a.cx, y],
      [b.right, y],
    ])
  }
  if (edge.kind === 'send') {
    const [x, y] = [b.left - 20, lanes.bottom]
    return rounded([
      [a.cx, a.bottom],
      [a.cx, y],
      [x, y],
      [x, b.cy + 8],
      [b.left, b.cy + 8],
    ])
  }
  if (overlaps(a, b)) return rounded(down(a, b))
  if (a.left > b.left)
    return rounded([
      [a.left + 20, a.bottom],
      [a.left + 20, b.cy],
      [b.right, b.cy],
    ])
  return rounded(across(a, b))
}

const maxDots = 120
const dotsPerMove = 6
const flightMs = 700

/** Sends dots along a wire: one for each order, up to a handful at a time. */
export const sendDots = (layer, d, { ok, bad }) => {
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches
  for (const [kind, count] of [
    ['ok', ok],
    ['bad', bad],
  ])
    for (let i = 0; i < Math.min(count, isCalm ? 1 : dotsPerMove); i += 1) {
      if (layer.childElementCount >= maxDots) return
      const dot = document.createElement('i')
      dot.className = `dot ${kind}`
      dot.style.offsetPath = `path('${d}')`
      layer.append(dot)
      // Who does not want motion sees a dot at the wire's end light up and fade.
      const frames = isCalm
        ? { offsetDistance: ['100%', '100%'], opacity: [1, 0] }
        : { offsetDistance: ['0%', '100%'], opacity: [0, 1, 1, 1, 0] }
      const timing = {
        duration: flightMs,
        delay: (i * 250) / dotsPerMove,
        easing: 'ease-in-out',
        fill: 'backwards',
      }
      dot.animate(frames, timing).finished.then(
        () => dot.remove(),
        () => dot.remove(),
      )
    }
}
