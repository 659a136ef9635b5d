/**
 * Stands in for the SDK's logger that does nothing (see plugin.ts). Where there is no `info` at all, the SDK does
 * not prepare what it would log of every call's input and output.
 */
export class NoOpLogger {
  warn(): void {}
}
