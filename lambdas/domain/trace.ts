/** https://www.w3.org/TR/trace-context/#traceparent-header */
const traceparentPattern = /^00-(?!0{32})([0-9a-f]{8})([0-9a-f]{24})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/
/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
const xrayPattern = /Root=1-([0-9a-f]{8})-([0-9a-f]{24}).*Parent=([0-9a-f]{16})/

/** Whether a text is a valid W3C traceparent. */
export const isTraceparent = (text: string): boolean => traceparentPattern.test(text)

/** The W3C traceparent of an X-Ray header; undefined if that names no trace. */
export function traceparentOfXray(header: string): string | undefined {
  const [, epoch, unique, parent] = xrayPattern.exec(header) ?? []
  return epoch && `00-${epoch}${unique}-${parent}-${header.includes('Sampled=0') ? '00' : '01'}`
}

/** The X-Ray header that continues a W3C trace; undefined if the traceparent is invalid. */
export function xrayHeaderOf(traceparent: string): string | undefined {
  const [, epoch, unique, parent, flags = ''] = traceparentPattern.exec(traceparent) ?? []
  return epoch && `Root=1-${epoch}-${unique};Parent=${parent};Sampled=${Number.parseInt(flags, 16) & 1}`
}
