/** An SVG path through points given as x1, y1, x2, y2, … */
const along = (...coordinates) => `M${coordinates.join(' ')}`

const within = (y, { top, bottom }) => y > top + 6 && y < bottom - 6
const overlaps = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 20

/** The SVG path of an edge between two boxes; `lanes` has the y coordinate of each worker's return path. */
export const route = ({ from, to, kind }, boxes, lanes) => {
  const [a, b] = [boxes[from], boxes[to]]
  if (!a || !b) return undefined
  const isBack = a.left > b.left
  const lane = lanes[from]
  if (lane && kind === 'publish' && isBack) return along(a.cx, a.bottom, a.cx, lane, b.right, lane)
  if (kind === 'send') {
    const [x, y] = [b.left - 20, lanes.bottom]
    return along(a.cx, a.bottom, a.cx, y, x, y, x, b.cy + 8, b.left, b.cy + 8)
  }
  if (overlaps(a, b)) {
    const x = (Math.max(a.left, b.left) + Math.min(a.right, b.right)) / 2
    return a.top < b.top ? along(x, a.bottom, x, b.top) : along(x, a.top, x, b.bottom)
  }
  if (isBack) return along(a.left + 20, a.bottom, a.left + 20, b.cy, b.right, b.cy)
  const straight = [b.cy, a.cy].find((y) => within(y, a) && within(y, b))
  if (straight !== undefined) return along(a.right, straight, b.left, straight)
  return along(a.right, a.cy, b.left - 14, a.cy, b.left - 14, b.cy, b.left, b.cy)
}
