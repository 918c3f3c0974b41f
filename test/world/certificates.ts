/**
 * An authority and a certificate for 127.0.0.1, made by openssl for one test run, good for a day.
 * Nothing is kept: a certificate in the repository would expire one day, and the tests with it.
 */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export function makeCertificates(openssl: string): Certificates {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-tls-'))
  const run = (line: string): void => {
    execFileSync(openssl, line.split(' '), { cwd: directory, stdio: 'ignore' })
  }
  const read = (name: string): string => readFileSync(join(directory, name), 'utf8')
  try {
    const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
    run(`req -x509 ${newKey} -days 1 -subj /CN=authority -keyout ca.key -out ca.pem`)
    run(`req ${newKey} -subj /CN=broker -keyout key.pem -out request.pem`)
    writeFileSync(join(directory, 'names'), 'subjectAltName=IP:127.0.0.1\n')
    const authority = '-CA ca.pem -CAkey ca.key -CAcreateserial'
    run(`x509 -req -in request.pem ${authority} -days 1 -extfile names -out cert.pem`)
    return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
