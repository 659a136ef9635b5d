/** https://www.w3.org/TR/trace-context/#traceparent-header */
const traceparentPattern = /^00-(?!0{32})([0-9a-f]{8})([0-9a-f]{24})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/
/** https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
const xrayPattern = /Root=1-([0-9a-f]{8})-([0-9a-f]{24}).*Parent=([0-9a-f]{16})/

/** Whether a text names a trace as W3C writes it. */
export const isTraceparent = (text: string): boolean => traceparentPattern.test(text)

/** W3C's name of the trace in an X-Ray header, if there is one. */
export function traceparentOfXray(header: string): string | undefined {
  const [, epoch, unique, parent] = xrayPattern.exec(header) ?? []
  return epoch && `00-${epoch}${unique}-${parent}-${header.includes('Sampled=0') ? '00' : '01'}`
}

/** The X-Ray header that goes on with a trace, if the text names one. */
export function xrayHeaderOf(traceparent: string): string | undefined {
  const [, epoch, unique, parent, flags = ''] = traceparentPattern.exec(traceparent) ?? []
  return epoch && `Root=1-${epoch}-${unique};Parent=${parent};Sampled=${Number.parseInt(flags, 16) & 1}`
}
