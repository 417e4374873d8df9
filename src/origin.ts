const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** True where two addresses have scheme, host and port in common. The names of this machine for itself are one host. */
export function isSameOrigin(a: URL, b: URL): boolean {
  const isLocal = LOOPBACK.test(a.hostname) && LOOPBACK.test(b.hostname);
  return isLocal ? a.protocol === b.protocol && a.port === b.port : a.origin === b.origin;
}
