/**
 * An authority, a certificate for 127.0.0.1 and ::1, and one for a client, whose key is encrypted;
 * made by openssl for one test run, good for a day. Nothing is kept: a certificate in the
 * repository would expire one day, and the tests with it.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** For the same key; was good until yesterday. */
  readonly expired: string
  readonly client: { readonly cert: string; readonly key: string; readonly passphrase: string }
}

const passphrase = 'open sesame'

export function makeCertificates(openssl: string, issuer = 'authority'): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-tls-'))
  const run = (line: string): void => {
    execFileSync(openssl, line.split(' '), { cwd: directory, stdio: 'ignore' })
  }
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8')
  try {
    const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
    run(`req -x509 ${newKey} -days 1 -subj /CN=${issuer} -keyout ca.key -out ca.pem`)
    run(`req ${newKey} -subj /CN=broker -keyout key.pem -out request.pem`)
    writeFileSync(join(directory, 'names'), 'subjectAltName=IP:127.0.0.1,IP:::1\n')
    const authority = '-CA ca.pem -CAkey ca.key -CAcreateserial'
    run(`x509 -req -in request.pem ${authority} -days 1 -extfile names -out cert.pem`)
    run(`x509 -req -in request.pem ${authority} -days -1 -extfile names -out expired.pem`)
    run(`req ${newKey} -subj /CN=gw1 -keyout plain.pem -out client-request.pem`)
    run(`x509 -req -in client-request.pem ${authority} -days 1 -out client.pem`)
    writeFileSync(join(directory, 'passphrase'), passphrase)
    run('pkey -in plain.pem -aes256 -passout file:passphrase -out client-key.pem')
    const client = { cert: read('client.pem'), key: read('client-key.pem'), passphrase }
    const [cert, expired] = [read('cert.pem'), read('expired.pem')]
    return { ca: read('ca.pem'), cert, expired, key: read('key.pem'), client }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
