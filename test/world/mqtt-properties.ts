/**
 * The properties of an MQTT 5 PUBLISH as a broker reads them (MQTT 5, 2.2.2.2), each as one line of
 * text. Written from the specification; it checks nothing.
 */

const names: Readonly<Record<number, string>> = {
  1: 'payload format',
  2: 'expiry',
  3: 'content type',
  8: 'response topic',
  9: 'correlation',
}

/** `expiry 60`, `content type text/plain`, and user properties as `key=value`. */
export function readProperties(bytes: Buffer): string[] {
  const found: string[] = []
  const text = (at: number) => bytes.toString('utf8', at + 2, at + 2 + bytes.readUInt16BE(at))
  const after = (at: number) => at + 2 + bytes.readUInt16BE(at)
  for (let at = 0; at < bytes.length; ) {
    const id = bytes.readUInt8(at)
    at += 1
    if (id === 1) {
      found.push(`${names[id]} ${bytes.readUInt8(at)}`)
      at += 1
    } else if (id === 2) {
      found.push(`${names[id]} ${bytes.readUInt32BE(at)}`)
      at += 4
    } else if (id === 38) {
      found.push(`${text(at)}=${text(after(at))}`)
      at = after(after(at))
    } else {
      found.push(`${names[id]} ${text(at)}`)
      at = after(at)
    }
  }
  return found
}
