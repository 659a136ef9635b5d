/** One line that says what is being measured; nothing where nobody watches. */
export function progress(text: string): void {
  if (!process.stderr.isTTY) return
  process.stderr.clearLine(0)
  process.stderr.cursorTo(0)
  process.stderr.write(text.slice(0, (process.stderr.columns ?? 80) - 1))
}
